-- SPDX-License-Identifier: MIT
--
-- The events of Nexmark as one table, of which a row has one of three columns,
-- and a view of each kind. The queries beside this are those of Nexmark's own
-- benchmark for Flink (github.com/nexmark/nexmark), on the columns and for the
-- rows that gust has: Flink makes the same plans of both.

CREATE TABLE events (
  kind INT,
  person ROW<id BIGINT, name STRING, email STRING, credit_card STRING,
    city STRING, state STRING, extra STRING>,
  auction ROW<id BIGINT, item STRING, description STRING, initial_bid BIGINT,
    reserve BIGINT, expires TIMESTAMP(3), seller BIGINT, category BIGINT,
    extra STRING>,
  bid ROW<auction BIGINT, bidder BIGINT, price BIGINT, channel STRING,
    url STRING, extra STRING>,
  `time` TIMESTAMP(3),
  WATERMARK FOR `time` AS `time` - INTERVAL '4' SECOND
) WITH ('connector' = 'rival', 'count' = '${count}');

CREATE VIEW person AS
SELECT person.id, person.name, person.email, person.credit_card, person.city,
  person.state, `time`, person.extra
FROM events WHERE kind = 0;

CREATE VIEW auction AS
SELECT auction.id, auction.item, auction.description, auction.initial_bid,
  auction.reserve, `time`, auction.expires, auction.seller, auction.category,
  auction.extra
FROM events WHERE kind = 1;

CREATE VIEW bid AS
SELECT bid.auction, bid.bidder, bid.price, bid.channel, bid.url, `time`,
  bid.extra
FROM events WHERE kind = 2;
