-- SPDX-License-Identifier: MIT
-- The highest bids in 10 s, joined by their window, so that none of them is kept
-- for longer. With "=" in place of ">=" each price would have a state of its own.

CREATE TABLE highest (
  ending TIMESTAMP(3), auction BIGINT, bidder BIGINT, price BIGINT
) WITH ('connector' = 'rival');

CREATE VIEW windowed AS
SELECT auction, bidder, price, window_start, window_end
FROM TABLE(TUMBLE(TABLE bid, DESCRIPTOR(`time`), INTERVAL '10' SECOND));

INSERT INTO highest
SELECT b.window_end, b.auction, b.bidder, b.price
FROM windowed AS b
JOIN (
  SELECT MAX(price) AS most, window_start, window_end
  FROM windowed GROUP BY window_start, window_end
) AS m
ON b.window_start = m.window_start AND b.window_end = m.window_end
  AND b.price >= m.most;
