-- SPDX-License-Identifier: MIT
-- The highest bid in 10 s; if several are as high, one of them. In these events
-- none are, which the harness would find out.

CREATE TABLE highest (
  ending TIMESTAMP(3), auction BIGINT, bidder BIGINT, price BIGINT
) WITH ('connector' = 'rival');

INSERT INTO highest
SELECT window_end, auction, bidder, price
FROM (
  SELECT auction, bidder, price, window_end, ROW_NUMBER() OVER (
    PARTITION BY window_start, window_end ORDER BY price DESC) AS place
  FROM TABLE(TUMBLE(TABLE bid, DESCRIPTOR(`time`), INTERVAL '10' SECOND))
)
WHERE place <= 1;
