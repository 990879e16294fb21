// SPDX-License-Identifier: MIT
package rival;

/** An event of Nexmark: one of person, auction and bid is set. */
public final class Event {
    public Person person;
    public Auction auction;
    public Bid bid;
    /** When it happens, in milliseconds since 1970. */
    public long time;

    public Event() {
    }

    /** Who has registered. */
    public static final class Person {
        public long id;
        public String name;
        public String email;
        public String creditCard;
        public String city;
        public String state;
        public long time;
        public String extra;

        public Person() {
        }
    }

    /** What is for sale. */
    public static final class Auction {
        public long id;
        public String item;
        public String description;
        public long initialBid;
        public long reserve;
        public long time;
        public long expires;
        public long seller;
        public long category;
        public String extra;

        public Auction() {
        }
    }

    /** What somebody would pay. */
    public static final class Bid {
        public long auction;
        public long bidder;
        public long price;
        public String channel;
        public String url;
        public long time;
        public String extra;

        public Bid() {
        }
    }
}
