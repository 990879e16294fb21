-- SPDX-License-Identifier: MIT
-- The auctions with the most bids in 10 s, every 2 s.

CREATE TABLE hottest (ending TIMESTAMP(3), auction BIGINT, bids BIGINT)
WITH ('connector' = 'rival');

CREATE VIEW counted AS
SELECT auction, COUNT(*) AS bids, window_start, window_end
FROM TABLE(HOP(TABLE bid, DESCRIPTOR(`time`), INTERVAL '2' SECOND,
  INTERVAL '10' SECOND))
GROUP BY auction, window_start, window_end;

INSERT INTO hottest
SELECT c.window_end, c.auction, c.bids
FROM counted AS c
JOIN (
  SELECT MAX(bids) AS most, window_start, window_end
  FROM counted GROUP BY window_start, window_end
) AS m
ON c.window_start = m.window_start AND c.window_end = m.window_end
  AND c.bids >= m.most;
