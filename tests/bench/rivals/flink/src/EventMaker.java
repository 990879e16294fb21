// SPDX-License-Identifier: MIT
package rival;

/**
 * Makes up the events of Nexmark, the same ones as spouts/nexmark/event.c, which says how. Each
 * depends on its number only. What it returns is changed by the next call.
 */
final class EventMaker {
    static final long START_MS = 1436918400000L;
    static final long EVENTS_A_MS = 10;

    private static final int ROUND = 50;
    private static final int AUCTIONS = 3;
    private static final long SEED = 1;
    private static final long FIRST_ID = 1000;
    private static final long FIRST_CATEGORY = 10;
    private static final long HOT_BLOCK = 100;
    private static final long IN_FLIGHT = 100;
    private static final long ACTIVE_PEOPLE = 1000;
    private static final long LEAD = 10;

    private static final String[] STATES = {"AZ", "CA", "ID", "OR", "WA", "WY"};
    private static final String[] CITIES = {"Phoenix", "Los Angeles", "San Francisco", "Boise",
        "Portland", "Bend", "Redmond", "Seattle", "Kent", "Cheyenne"};
    private static final String[] FIRST_NAMES = {"Peter", "Paul", "Luke", "John", "Saul", "Vicky",
        "Kate", "Julie", "Sarah", "Deiter", "Walter"};
    private static final String[] LAST_NAMES = {"Shultz", "Abrams", "Spencer", "White", "Bartels",
        "Walton", "Smith", "Jones", "Noris"};
    private static final String[] CHANNELS = {"Google", "Facebook", "Baidu", "Apple"};
    private static final String FILLER =
            "qwmzkvtoaehbldxnyrcgipsufj tpolmvnqzeyhbdruxgaicksjfw nhgtcvbloqmyre"
            + "zdpxkuiajwsf gvbtqehyzoclndmrxukiapjswf bzvqtmycohlnegxdrkuipawjsf xm"
            + "vtzqbyohclenrdgkpuiajwfs ytmvqzhobclnxedrgkupiajwsf lvmtqyzhobcnexdrg"
            + "kpuiawjsf omvtqyzhlbcnexdrgkupiajwsf cmvtqyzhloabnexdrgkpuijwsf rmvtq"
            + "yzhlobcnexdgkupiajwsf kmvtqyzhlobcnexdrgpuiajwsf ivmtqyzhlobcnexdrgku"
            + "pajwsf wmvtqyzhlobcnexdrgkupiajsf nmvtqyzhlobcexdrgkupiajwsf emvtqyzh"
            + "lobcnxdrgkupiajwsf dmvtqyzhlobcnexrgkupiajwsf gmvtqyzhlobcnexdrkupiaj";

    private final Event event = new Event();
    private final Event.Person person = new Event.Person();
    private final Event.Auction auction = new Event.Auction();
    private final Event.Bid bid = new Event.Bid();
    private long state;

    /** The next number of Vigna's splitmix64. */
    private long roll() {
        state += 0x9e3779b97f4a7c15L;
        long z = state;
        z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
        z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
        return z ^ (z >>> 31);
    }

    private long below(long limit) {
        return Long.remainderUnsigned(roll(), limit);
    }

    private String pick(String[] table) {
        return table[(int) below(table.length)];
    }

    private long price() {
        double part = (double) (roll() >>> 11) / (double) ((1L << 53) - 1);
        return (long) (Math.pow(10, part * 6) * 100 + 0.5);
    }

    private String extra(int size) {
        int length = size * 4 / 5 + (int) below(size * 2 / 5 + 1);
        length = Math.min(length, FILLER.length());
        int from = (int) below(FILLER.length() - length + 1);
        return FILLER.substring(from, from + length);
    }

    private static long lastPerson(long number) {
        return number / ROUND;
    }

    private static long lastAuction(long number) {
        long round = number / ROUND;
        long at = number % ROUND;
        if (at == 0) {
            return round == 0 ? 0 : round * AUCTIONS - 1;
        }
        return round * AUCTIONS + Math.min(at, AUCTIONS) - 1;
    }

    private long somePerson(long number) {
        long last = lastPerson(number);
        long active = Math.min(last + 1, ACTIVE_PEOPLE);
        return last + 1 - active + below(active + LEAD);
    }

    private long someAuction(long number) {
        long last = lastAuction(number);
        long first = Math.max(last - IN_FLIGHT, 0);
        return first + below(last - first + 1 + LEAD);
    }

    private static void fourDigits(StringBuilder text, long number) {
        text.append((char) ('0' + number / 1000)).append((char) ('0' + number / 100 % 10))
                .append((char) ('0' + number / 10 % 10)).append((char) ('0' + number % 10));
    }

    private String creditCard() {
        StringBuilder text = new StringBuilder(19);
        for (int i = 0; i < 4; i++) {
            if (i > 0) {
                text.append(' ');
            }
            fourDigits(text, below(10000));
        }
        return text.toString();
    }

    private void makePerson(long number, long time) {
        String first = pick(FIRST_NAMES);
        String last = pick(LAST_NAMES);
        person.id = lastPerson(number) + FIRST_ID;
        person.name = first + ' ' + last;
        person.email = last + '@' + first + ".com";
        person.creditCard = creditCard();
        person.city = pick(CITIES);
        person.state = pick(STATES);
        person.time = time;
        person.extra = extra(100);
    }

    private void makeAuction(long number, long time) {
        long price = price();
        auction.id = lastAuction(number) + FIRST_ID;
        auction.item = extra(20);
        auction.description = extra(100);
        auction.initialBid = price;
        auction.reserve = price + price();
        auction.time = time;
        auction.expires = time + 1000 + below(19000);
        long seller = below(4) > 0 ? lastPerson(number) / HOT_BLOCK * HOT_BLOCK
                : somePerson(number);
        auction.seller = seller + FIRST_ID;
        auction.category = FIRST_CATEGORY + below(5);
        auction.extra = extra(300);
    }

    private void makeBid(long number, long time) {
        long on = below(2) > 0 ? lastAuction(number) / HOT_BLOCK * HOT_BLOCK
                : someAuction(number);
        long bidder = below(4) > 0 ? lastPerson(number) / HOT_BLOCK * HOT_BLOCK + 1
                : somePerson(number);
        bid.auction = on + FIRST_ID;
        bid.bidder = bidder + FIRST_ID;
        bid.price = price();
        bid.channel = pick(CHANNELS);
        int from = (int) below(FILLER.length() - 9);
        bid.url = "https://auction.example/item/".concat(FILLER.substring(from, from + 8));
        bid.time = time;
        bid.extra = extra(40);
    }

    Event make(long number) {
        long time = START_MS + number / EVENTS_A_MS;
        long at = number % ROUND;
        state = SEED;
        state = roll() ^ number;
        state = roll();
        event.time = time;
        event.person = at == 0 ? person : null;
        event.auction = at > 0 && at <= AUCTIONS ? auction : null;
        event.bid = at > AUCTIONS ? bid : null;
        if (event.bid != null) {
            makeBid(number, time);
        } else if (event.auction != null) {
            makeAuction(number, time);
        } else {
            makePerson(number, time);
        }
        return event;
    }
}
