package dev.sinkwatch.dashboard.http;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sinkwatch.dashboard.history.RunHistory;
import dev.sinkwatch.dashboard.silence.Silences;
import dev.sinkwatch.dashboard.upload.Uploads;
import java.util.List;
import java.util.function.Supplier;

/**
 * What stands behind the door.
 *
 * @param unready reasons why the monitor is not ready, each a line; empty when it is. Called by any
 *     thread
 * @param service gives how the monitor itself does, a new object each time; called by any thread
 * @param history must hear of an event before {@code events} does, so that who is told of it finds
 *     it there
 */
public record Routes(
    MetricsPage metrics,
    Supplier<List<String>> unready,
    Supplier<ObjectNode> service,
    RunHistory history,
    EventStream events,
    Silences silences,
    Uploads uploads) {}
