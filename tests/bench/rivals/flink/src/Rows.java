// SPDX-License-Identifier: MIT
package rival;

import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.streaming.api.functions.sink.legacy.RichSinkFunction;
import org.apache.flink.streaming.api.functions.sink.legacy.SinkFunction;

/** What the query has found: rows of text, or how many there were and what they come to. */
final class Rows {
    private static final StringBuffer TEXT = new StringBuffer();

    private Rows() {
    }

    static String text() {
        return TEXT.toString();
    }

    /** Keeps every row. */
    static final class Keep implements SinkFunction<String> {
        @Override
        public void invoke(String row, Context context) {
            TEXT.append(row).append('\n');
        }
    }

    /** Keeps what bids come to. */
    static final class SumOfBids extends RichSinkFunction<Event.Bid> {
        private transient Checksum checksum;

        @Override
        public void open(OpenContext context) {
            checksum = new Checksum();
        }

        @Override
        public void invoke(Event.Bid bid, Context context) {
            checksum.add(bid);
        }

        @Override
        public void finish() {
            TEXT.append(checksum.text());
        }
    }

    static final class SumOfPriced extends RichSinkFunction<Nexmark.Priced> {
        private transient Checksum checksum;

        @Override
        public void open(OpenContext context) {
            checksum = new Checksum();
        }

        @Override
        public void invoke(Nexmark.Priced bid, Context context) {
            checksum.add(bid);
        }

        @Override
        public void finish() {
            TEXT.append(checksum.text());
        }
    }
}
