// SPDX-License-Identifier: MIT
package rival;

import java.util.function.DoubleSupplier;
import org.apache.storm.Config;
import org.apache.storm.LocalCluster;
import org.apache.storm.topology.TopologyBuilder;

/** Runs a topology in Storm's LocalCluster, in one worker, with the settings that suit speed. */
final class StormRun {
    final boolean acks;
    private final Config config = new Config();

    StormRun(boolean acks, int batch, int pending) {
        this.acks = acks;
        config.setNumWorkers(1);
        config.setNumAckers(acks ? 1 : 0);
        if (acks) {
            config.setMaxSpoutPending(pending);
        }
        config.put(Config.TOPOLOGY_PRODUCER_BATCH_SIZE, batch);
        config.put(Config.TOPOLOGY_TRANSFER_BATCH_SIZE, batch);
        config.put(Config.TOPOLOGY_STATS_SAMPLE_RATE, 0.0005);
        config.put(Config.TOPOLOGY_DISABLE_LOADAWARE_MESSAGING, true);
    }

    /** The spout looks at its timetable often; by default it sleeps for a millisecond. */
    void onTime() {
        config.put(Config.TOPOLOGY_SPOUT_WAIT_STRATEGY,
                "org.apache.storm.policy.WaitStrategyPark");
        config.put(Config.TOPOLOGY_SPOUT_WAIT_PARK_MICROSEC, 20);
    }

    /** Returns when `total` units of work are done; see Meter.watch(). */
    void watch(TopologyBuilder builder, Meter meter, double warm, double total,
            DoubleSupplier done) throws Exception {
        LocalCluster cluster = new LocalCluster();
        cluster.submitTopology("rival", config, builder.createTopology());
        meter.watch(warm, total, done);
    }
}
