// SPDX-License-Identifier: MIT
package rival;

import java.io.Serializable;

/** How many rows there were and what they come to, as tests/bench/plugins/bolts/checksum.c says. */
final class Checksum {
    private long rows;
    private long total;
    private long row;

    /** Adds a row to a sum. */
    interface Adding<T> extends Serializable {
        void add(Checksum checksum, T row);
    }

    void add(long value) {
        row = (row + value) * 0x9e3779b97f4a7c15L;
        row ^= row >>> 32;
    }

    void add(double value) {
        add(Double.doubleToRawLongBits(value));
    }

    void add(String value) {
        int last = value.length() - 1;
        add(value.length() * 65536L + value.charAt(0) * 256L + value.charAt(last));
    }

    /** The row has no more columns. */
    void end() {
        total += row;
        rows++;
        row = 0;
    }

    private void add(Event.Person person) {
        add(person.id);
        add(person.name);
        add(person.email);
        add(person.creditCard);
        add(person.city);
        add(person.state);
        add(person.time);
        add(person.extra);
        end();
    }

    private void add(Event.Auction auction) {
        add(auction.id);
        add(auction.item);
        add(auction.description);
        add(auction.initialBid);
        add(auction.reserve);
        add(auction.time);
        add(auction.expires);
        add(auction.seller);
        add(auction.category);
        add(auction.extra);
        end();
    }

    void add(Event.Bid bid) {
        add(bid.auction);
        add(bid.bidder);
        add(bid.price);
        add(bid.channel, bid.url, bid.time, bid.extra);
    }

    void add(Nexmark.Priced bid) {
        add(bid.auction);
        add(bid.bidder);
        add(bid.price);
        add(bid.channel, bid.url, bid.time, bid.extra);
    }

    private void add(String channel, String url, long time, String extra) {
        add(channel);
        add(url);
        add(time);
        add(extra);
        end();
    }

    void add(Event event) {
        if (event.bid != null) {
            add(event.bid);
        } else if (event.auction != null) {
            add(event.auction);
        } else {
            add(event.person);
        }
    }

    String text() {
        return rows + "\t" + Long.toUnsignedString(total) + "\n";
    }
}
