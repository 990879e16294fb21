-- SPDX-License-Identifier: MIT
-- Who has registered and sold in the same 10 s.

CREATE TABLE sellers (id BIGINT, name STRING, ending TIMESTAMP(3))
WITH ('connector' = 'rival');

INSERT INTO sellers
SELECT p.id, p.name, p.window_end
FROM (
  SELECT id, name, window_start, window_end
  FROM TABLE(TUMBLE(TABLE person, DESCRIPTOR(`time`), INTERVAL '10' SECOND))
  GROUP BY id, name, window_start, window_end
) AS p
JOIN (
  SELECT seller, window_start, window_end
  FROM TABLE(TUMBLE(TABLE auction, DESCRIPTOR(`time`), INTERVAL '10' SECOND))
  GROUP BY seller, window_start, window_end
) AS s
ON p.id = s.seller AND p.window_start = s.window_start
  AND p.window_end = s.window_end;
