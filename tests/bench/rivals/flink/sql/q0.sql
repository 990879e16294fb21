-- SPDX-License-Identifier: MIT
-- Every bid as it is.

CREATE TABLE bids (
  auction BIGINT, bidder BIGINT, price BIGINT, channel STRING, url STRING,
  `time` TIMESTAMP(3), extra STRING
) WITH ('connector' = 'rival', 'summed' = 'true');

INSERT INTO bids
SELECT auction, bidder, price, channel, url, `time`, extra FROM bid;
