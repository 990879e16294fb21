// SPDX-License-Identifier: MIT
package rival;

import java.util.ArrayList;
import java.util.List;
import org.apache.flink.api.common.functions.AggregateFunction;
import org.apache.flink.api.common.functions.CoGroupFunction;
import org.apache.flink.api.common.functions.MapFunction;
import org.apache.flink.api.common.functions.ReduceFunction;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.tuple.Tuple;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.api.java.tuple.Tuple3;
import org.apache.flink.streaming.api.functions.ProcessFunction;
import org.apache.flink.streaming.api.functions.windowing.ProcessAllWindowFunction;
import org.apache.flink.streaming.api.windowing.windows.TimeWindow;
import org.apache.flink.util.Collector;

/** What Nexmark's queries do in windows. */
final class Windows {
    /** An auction, and how many bids it had. */
    static final TypeInformation<Tuple2<Long, Long>> COUNT = Types.TUPLE(Types.LONG, Types.LONG);
    /** Auction, bidder and price. */
    static final TypeInformation<Tuple3<Long, Long, Long>> BID =
            Types.TUPLE(Types.LONG, Types.LONG, Types.LONG);

    private Windows() {
    }

    @SuppressWarnings("unchecked")
    private static <T extends Tuple> T copy(T tuple) {
        return (T) tuple.copy();
    }

    static final class One implements MapFunction<Event.Bid, Tuple2<Long, Long>> {
        private final Tuple2<Long, Long> out = new Tuple2<>(0L, 1L);

        @Override
        public Tuple2<Long, Long> map(Event.Bid bid) {
            out.f0 = bid.auction;
            return out;
        }
    }

    static final class Add implements ReduceFunction<Tuple2<Long, Long>> {
        @Override
        public Tuple2<Long, Long> reduce(Tuple2<Long, Long> a, Tuple2<Long, Long> b) {
            return new Tuple2<>(a.f0, a.f1 + b.f1);
        }
    }

    static final class Project implements MapFunction<Event.Bid, Tuple3<Long, Long, Long>> {
        private final Tuple3<Long, Long, Long> out = new Tuple3<>();

        @Override
        public Tuple3<Long, Long, Long> map(Event.Bid bid) {
            out.f0 = bid.auction;
            out.f1 = bid.bidder;
            out.f2 = bid.price;
            return out;
        }
    }

    /** Those whose last field is as high as that of no other. */
    abstract static class Most<T extends Tuple> implements AggregateFunction<T, List<T>, List<T>> {
        private static <T extends Tuple> long rank(T tuple) {
            return tuple.<Long>getField(tuple.getArity() - 1);
        }

        @Override
        public List<T> createAccumulator() {
            return new ArrayList<>();
        }

        @Override
        public List<T> add(T tuple, List<T> most) {
            long ahead = most.isEmpty() ? 0 : rank(tuple) - rank(most.get(0));
            if (ahead > 0) {
                most.clear();
            }
            if (ahead >= 0) {
                most.add(Windows.<T>copy(tuple));
            }
            return most;
        }

        @Override
        public List<T> getResult(List<T> most) {
            return most;
        }

        @Override
        public List<T> merge(List<T> a, List<T> b) {
            b.forEach(tuple -> add(tuple, a));
            return a;
        }
    }

    /** A row for each, behind the end of the window. */
    abstract static class MostRows<T extends Tuple>
            extends ProcessAllWindowFunction<List<T>, String, TimeWindow> {
        @Override
        public void process(Context context, Iterable<List<T>> found, Collector<String> rows) {
            for (List<T> most : found) {
                for (T tuple : most) {
                    StringBuilder row = new StringBuilder().append(context.window().getEnd());
                    for (int i = 0; i < tuple.getArity(); i++) {
                        row.append('\t').append(tuple.<Object>getField(i));
                    }
                    rows.collect(row.toString());
                }
            }
        }
    }

    static final class MostCounts extends Most<Tuple2<Long, Long>> {
    }

    static final class CountRows extends MostRows<Tuple2<Long, Long>> {
    }

    static final class MostBids extends Most<Tuple3<Long, Long, Long>> {
    }

    static final class BidRows extends MostRows<Tuple3<Long, Long, Long>> {
    }

    /** Those who have registered and opened an auction. */
    static final class Sellers
            implements CoGroupFunction<Tuple2<Long, String>, Long, Tuple2<Long, String>> {
        @Override
        public void coGroup(Iterable<Tuple2<Long, String>> persons, Iterable<Long> sellers,
                Collector<Tuple2<Long, String>> rows) {
            if (sellers.iterator().hasNext()) {
                persons.forEach(rows::collect);
            }
        }
    }

    /** A row for each, with the end of the window that it came of. */
    static final class Ends extends ProcessFunction<Tuple2<Long, String>, String> {
        @Override
        public void processElement(Tuple2<Long, String> found, Context context,
                Collector<String> rows) {
            rows.collect(found.f0 + "\t" + found.f1 + '\t' + (context.timestamp() + 1));
        }
    }
}
