-- SPDX-License-Identifier: MIT
-- The bids for certain auctions.

CREATE TABLE prices (auction BIGINT, price BIGINT) WITH ('connector' = 'rival');

INSERT INTO prices
SELECT auction, price FROM bid WHERE MOD(auction, 123) = 0;
