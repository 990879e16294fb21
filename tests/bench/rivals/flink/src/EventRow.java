// SPDX-License-Identifier: MIT
package rival;

import org.apache.flink.table.data.RowData;
import org.apache.flink.table.data.StringData;
import org.apache.flink.table.data.TimestampData;
import org.apache.flink.util.function.SerializableFunction;

/**
 * An event as a row of the table `events` in ../sql/tables.sql. Only the columns that a query reads
 * are made into values of Flink's.
 */
final class EventRow extends View implements SerializableFunction<Event, RowData> {
    private final PersonRow person = new PersonRow();
    private final AuctionRow auction = new AuctionRow();
    private final BidRow bid = new BidRow();
    private transient long time;

    EventRow() {
        super(5);
    }

    @Override
    public RowData apply(Event event) {
        person.person = event.person;
        auction.auction = event.auction;
        bid.bid = event.bid;
        time = event.time;
        return this;
    }

    @Override
    public boolean isNullAt(int column) {
        return switch (column) {
            case 1 -> person.person == null;
            case 2 -> auction.auction == null;
            case 3 -> bid.bid == null;
            default -> false;
        };
    }

    @Override
    public int getInt(int column) {
        return bid.bid != null ? 2 : auction.auction != null ? 1 : 0;
    }

    @Override
    public RowData getRow(int column, int arity) {
        return switch (column) {
            case 1 -> person;
            case 2 -> auction;
            default -> bid;
        };
    }

    @Override
    public TimestampData getTimestamp(int column, int precision) {
        return TimestampData.fromEpochMillis(time);
    }

    private static final class PersonRow extends View {
        private transient Event.Person person;

        PersonRow() {
            super(7);
        }

        @Override
        public long getLong(int column) {
            return person.id;
        }

        @Override
        public StringData getString(int column) {
            return StringData.fromString(switch (column) {
                case 1 -> person.name;
                case 2 -> person.email;
                case 3 -> person.creditCard;
                case 4 -> person.city;
                case 5 -> person.state;
                default -> person.extra;
            });
        }
    }

    private static final class AuctionRow extends View {
        private transient Event.Auction auction;

        AuctionRow() {
            super(9);
        }

        @Override
        public long getLong(int column) {
            return switch (column) {
                case 0 -> auction.id;
                case 3 -> auction.initialBid;
                case 4 -> auction.reserve;
                case 6 -> auction.seller;
                default -> auction.category;
            };
        }

        @Override
        public StringData getString(int column) {
            return StringData.fromString(switch (column) {
                case 1 -> auction.item;
                case 2 -> auction.description;
                default -> auction.extra;
            });
        }

        @Override
        public TimestampData getTimestamp(int column, int precision) {
            return TimestampData.fromEpochMillis(auction.expires);
        }
    }

    private static final class BidRow extends View {
        private transient Event.Bid bid;

        BidRow() {
            super(6);
        }

        @Override
        public long getLong(int column) {
            return switch (column) {
                case 0 -> bid.auction;
                case 1 -> bid.bidder;
                default -> bid.price;
            };
        }

        @Override
        public StringData getString(int column) {
            return StringData.fromString(switch (column) {
                case 3 -> bid.channel;
                case 4 -> bid.url;
                default -> bid.extra;
            });
        }
    }
}
