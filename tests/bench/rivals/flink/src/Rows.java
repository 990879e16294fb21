// SPDX-License-Identifier: MIT
package rival;

import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.streaming.api.functions.sink.legacy.RichSinkFunction;
import org.apache.flink.streaming.api.functions.sink.legacy.SinkFunction;
import org.apache.flink.util.function.SerializableFunction;

/** What the query has found: rows of text, or how many there were and what they come to. */
final class Rows {
    private static final StringBuffer TEXT = new StringBuffer();

    private Rows() {
    }

    static String text() {
        return TEXT.toString();
    }

    /** Keeps every row, as text. */
    static final class Keep<T> implements SinkFunction<T> {
        private final SerializableFunction<T, String> form;

        Keep(SerializableFunction<T, String> form) {
            this.form = form;
        }

        @Override
        public void invoke(T row, Context context) {
            TEXT.append(form.apply(row)).append('\n');
        }
    }

    /** Keeps what rows come to. */
    static final class Sum<T> extends RichSinkFunction<T> {
        private final Checksum.Adding<T> adding;
        private transient Checksum checksum;

        Sum(Checksum.Adding<T> adding) {
            this.adding = adding;
        }

        @Override
        public void open(OpenContext context) {
            checksum = new Checksum();
        }

        @Override
        public void invoke(T row, Context context) {
            adding.add(checksum, row);
        }

        @Override
        public void finish() {
            TEXT.append(checksum.text());
        }
    }
}
