package dev.sinkwatch.dashboard.canary;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Logs when canaries begin to fail, to be lost or to be wrong, and when that is over: one line
 * each.
 */
final class CanaryNews implements CanaryListener {
  private static final Logger LOG = LoggerFactory.getLogger(CanaryNews.class);

  /** One thing that may go wrong, as seen since it was told last. */
  private static final class Trouble {
    private final String over;
    private boolean told;
    private @Nullable String seen;
    private boolean well;

    Trouble(String over) {
      this.over = over;
    }

    void tell() {
      if (seen != null && !told) {
        LOG.warn("{}", seen);
        told = true;
      } else if (seen == null && well && told) {
        LOG.info("{}", over);
        told = false;
      }
      seen = null;
      well = false;
    }
  }

  private final Duration timeout;
  private final Trouble failing = new Trouble("canaries are published again");
  private final Trouble losing = new Trouble("canaries get their verdicts again");
  private final Trouble wrong = new Trouble("verdicts on canaries are right again");

  CanaryNews(Duration timeout) {
    this.timeout = timeout;
  }

  /** Once a round. */
  synchronized void tell() {
    failing.tell();
    losing.tell();
    wrong.tell();
  }

  @Override
  public synchronized void published(int partition) {
    failing.well = true;
  }

  @Override
  public synchronized void failed(CanaryFailure reason, String line) {
    failing.seen = "canaries are not published (" + reason.wireName() + "): " + line;
  }

  @Override
  public synchronized void answered(int partition, long nanos) {
    losing.well = true;
  }

  @Override
  public synchronized void lost(int partition) {
    losing.seen =
        "no verdict within %s s on a canary in partition %d: lost, or not judged yet"
            .formatted(timeout.toMillis() / 1e3, partition);
  }

  @Override
  public synchronized void compared(Comparison comparison) {
    if (comparison.right()) {
      wrong.well = true;
    } else {
      wrong.seen = "wrong verdict on a canary: " + comparison.detail();
    }
  }
}
