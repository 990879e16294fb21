-- SPDX-License-Identifier: MIT
-- Every bid in another currency. Prices are binary fractions, as in gust, which
-- is faster than the decimal ones that 0.908 without an exponent would give.

CREATE TABLE bids (
  auction BIGINT, bidder BIGINT, price DOUBLE, channel STRING, url STRING,
  `time` TIMESTAMP(3), extra STRING
) WITH ('connector' = 'rival', 'summed' = 'true');

INSERT INTO bids
SELECT auction, bidder, 0.908e0 * price, channel, url, `time`, extra FROM bid;
