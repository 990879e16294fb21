// SPDX-License-Identifier: MIT
package rival;

import java.nio.file.Path;
import java.time.Duration;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.functions.FilterFunction;
import org.apache.flink.api.common.functions.MapFunction;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.core.execution.CheckpointingMode;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.windowing.assigners.SlidingEventTimeWindows;
import org.apache.flink.streaming.api.windowing.assigners.TumblingEventTimeWindows;

/**
 * Queries of Nexmark in a local Flink: Nexmark FIGURES QUERY WARM TIMED [FOLDER]. The first WARM
 * and TIMED events are emitted; with a FOLDER state is in RocksDB there, and in its checkpoints.
 * QUERY is the name of one in Java here, or a file of Flink SQL. Without Flink the query `events`
 * makes them up and does nothing else.
 */
public final class Nexmark {
    private static final Duration LAG = Duration.ofSeconds(4);
    private static final Duration LENGTH = Duration.ofSeconds(10);
    private static final Duration SLIDE = Duration.ofSeconds(2);

    private Nexmark() {
    }

    /** A bid with a price in another currency. */
    public static final class Priced {
        public long auction;
        public long bidder;
        public double price;
        public String channel;
        public String url;
        public long time;
        public String extra;

        public Priced() {
        }
    }

    static final class Convert implements MapFunction<Event.Bid, Priced> {
        private transient Priced out;

        @Override
        public Priced map(Event.Bid bid) {
            if (out == null) {
                out = new Priced();
            }
            out.auction = bid.auction;
            out.bidder = bid.bidder;
            out.price = bid.price * 0.908;
            out.channel = bid.channel;
            out.url = bid.url;
            out.time = bid.time;
            out.extra = bid.extra;
            return out;
        }
    }

    private static StreamExecutionEnvironment environment(String folder) {
        Path files = Path.of(folder == null ? System.getProperty("java.io.tmpdir") : folder);
        Configuration settings = new Configuration();
        settings.setString("restart-strategy.type", "none");
        settings.setString("pipeline.generic-types", "false");
        settings.setString("state.backend.type", folder == null ? "hashmap" : "rocksdb");
        settings.setString("state.backend.rocksdb.localdir", files.resolve("rocksdb").toString());
        settings.setString("execution.checkpointing.incremental", "true");
        settings.setString("execution.checkpointing.storage", "filesystem");
        settings.setString("execution.checkpointing.dir",
                files.resolve("checkpoints").toUri().toString());
        StreamExecutionEnvironment environment =
                StreamExecutionEnvironment.createLocalEnvironment(1, settings);
        environment.getConfig().enableObjectReuse();
        environment.enableCheckpointing(1000, CheckpointingMode.AT_LEAST_ONCE);
        return environment;
    }

    private static SingleOutputStreamOperator<Event.Bid> bids(DataStream<Event> events) {
        return events.filter((FilterFunction<Event>) event -> event.bid != null)
                .map((MapFunction<Event, Event.Bid>) event -> event.bid)
                .returns(Types.POJO(Event.Bid.class));
    }

    private static DataStream<Event> timed(DataStream<Event> events) {
        return events.assignTimestampsAndWatermarks(WatermarkStrategy
                .<Event>forBoundedOutOfOrderness(LAG)
                .withTimestampAssigner((event, before) -> event.time));
    }

    private static void passBids(DataStream<Event> events) {
        bids(events).addSink(new Rows.Sum<Event.Bid>(Checksum::add));
    }

    private static void convertPrices(DataStream<Event> events) {
        bids(events).map(new Convert()).returns(Types.POJO(Priced.class))
                .addSink(new Rows.Sum<Priced>(Checksum::add));
    }

    private static void selectAuctions(DataStream<Event> events) {
        bids(events).filter((FilterFunction<Event.Bid>) bid -> bid.auction % 123 == 0)
                .map((MapFunction<Event.Bid, String>) bid -> bid.auction + "\t" + bid.price)
                .returns(Types.STRING).addSink(new Rows.Keep<>(row -> row));
    }

    /** Bids are counted in slices of a slide first, of which each window has five. */
    private static void hottestAuctions(DataStream<Event> events) {
        bids(timed(events))
                .map(new Windows.One()).returns(Windows.COUNT)
                .keyBy(count -> count.f0, Types.LONG)
                .window(TumblingEventTimeWindows.of(SLIDE)).reduce(new Windows.Add())
                .keyBy(count -> count.f0, Types.LONG)
                .window(SlidingEventTimeWindows.of(LENGTH, SLIDE)).reduce(new Windows.Add())
                .windowAll(TumblingEventTimeWindows.of(SLIDE))
                .aggregate(new Windows.MostCounts(), new Windows.CountRows(),
                        Types.LIST(Windows.COUNT), Types.LIST(Windows.COUNT), Types.STRING)
                .addSink(new Rows.Keep<>(row -> row));
    }

    private static void highestBids(DataStream<Event> events) {
        bids(timed(events))
                .map(new Windows.Project()).returns(Windows.BID)
                .windowAll(TumblingEventTimeWindows.of(LENGTH))
                .aggregate(new Windows.MostBids(), new Windows.BidRows(),
                        Types.LIST(Windows.BID), Types.LIST(Windows.BID), Types.STRING)
                .addSink(new Rows.Keep<>(row -> row));
    }

    private static void newSellers(DataStream<Event> events) {
        DataStream<Event> timed = timed(events);
        DataStream<Tuple2<Long, String>> persons = timed
                .filter((FilterFunction<Event>) event -> event.person != null)
                .map((MapFunction<Event, Tuple2<Long, String>>) event ->
                        new Tuple2<>(event.person.id, event.person.name))
                .returns(Types.TUPLE(Types.LONG, Types.STRING));
        DataStream<Long> sellers = timed
                .filter((FilterFunction<Event>) event -> event.auction != null)
                .map((MapFunction<Event, Long>) event -> event.auction.seller)
                .returns(Types.LONG);
        persons.coGroup(sellers)
                .where(person -> person.f0, Types.LONG).equalTo(seller -> seller, Types.LONG)
                .window(TumblingEventTimeWindows.of(LENGTH))
                .apply(new Windows.Sellers(), Types.TUPLE(Types.LONG, Types.STRING))
                .process(new Windows.Ends()).returns(Types.STRING)
                .addSink(new Rows.Keep<>(row -> row));
    }

    private static void query(String name, DataStream<Event> events) {
        switch (name) {
            case "q0" -> passBids(events);
            case "q1" -> convertPrices(events);
            case "q2" -> selectAuctions(events);
            case "q5" -> hottestAuctions(events);
            case "q7" -> highestBids(events);
            case "q8" -> newSellers(events);
            default -> throw new IllegalArgumentException(name);
        }
    }

    /** Makes events up in a thread, without Flink. */
    private static Thread makeAll(long total, Checksum checksum) {
        Thread thread = new Thread(() -> {
            EventMaker maker = new EventMaker();
            for (long number = 0; number < total; number++) {
                checksum.add(maker.make(number));
                Events.progress(number + 1);
            }
        });
        thread.start();
        return thread;
    }

    private static JobClient start(String query, long total, String folder) throws Exception {
        StreamExecutionEnvironment environment = environment(folder);
        if (query.endsWith(".sql")) {
            if (folder == null) {
                environment.getCheckpointConfig().setCheckpointInterval(Sql.CHECKPOINT_MS);
            }
            return Sql.start(environment, Path.of(query), total);
        }
        query(query, environment.addSource(new Events<>(total, event -> event),
                Types.POJO(Event.class)));
        return environment.executeAsync("rival");
    }

    public static void main(String[] arguments) throws Exception {
        Meter meter = new Meter(arguments[0]);
        long warm = Long.parseLong(arguments[2]);
        long total = warm + Long.parseLong(arguments[3]);
        if (arguments[1].equals("events")) {
            Checksum checksum = new Checksum();
            Thread thread = makeAll(total, checksum);
            meter.watch(warm, total, Events::emitted);
            thread.join();
            meter.print(checksum.text());
        } else {
            JobClient job = start(arguments[1], total, arguments.length > 4 ? arguments[4] : null);
            meter.watch(warm, total, Events::emitted);
            job.getJobExecutionResult().get();
            meter.print(Rows.text());
        }
        meter.end();
    }
}
