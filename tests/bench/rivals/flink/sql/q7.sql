-- SPDX-License-Identifier: MIT
-- The highest bids in 10 s. Flink keeps all bids for this join.

CREATE TABLE highest (
  ending TIMESTAMP(3), auction BIGINT, bidder BIGINT, price BIGINT
) WITH ('connector' = 'rival');

INSERT INTO highest
SELECT m.window_end, b.auction, b.bidder, b.price
FROM bid AS b
JOIN (
  SELECT MAX(price) AS most, window_end
  FROM TABLE(TUMBLE(TABLE bid, DESCRIPTOR(`time`), INTERVAL '10' SECOND))
  GROUP BY window_start, window_end
) AS m
ON b.price = m.most
WHERE b.`time` BETWEEN m.window_end - INTERVAL '10' SECOND AND m.window_end;
