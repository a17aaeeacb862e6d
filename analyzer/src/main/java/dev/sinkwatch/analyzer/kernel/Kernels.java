package dev.sinkwatch.analyzer.kernel;

import java.lang.management.ManagementFactory;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Chooses the {@link Kernel} of this process, once, and says in one warning why when it is not the
 * fast one.
 */
public final class Kernels {
  private static final Logger LOG = LoggerFactory.getLogger(Kernels.class);

  private static final Optional<String> OBSTACLE = obstacle();
  private static final Kernel BEST = choose();

  private Kernels() {}

  /** The fastest kernel that this process can run. */
  static Kernel best() {
    return BEST;
  }

  /** Whether classes that use the Vector API may be loaded and are worth it. */
  public static boolean vectors() {
    return OBSTACLE.isEmpty();
  }

  /** What the numbers are computed with, for a person. */
  public static String description() {
    return BEST.name();
  }

  private static Kernel choose() {
    if (OBSTACLE.isPresent()) {
      LOG.warn(
          "large matrices are judged with plain loops, several times slower: {}", OBSTACLE.get());
      return new ScalarKernel(16);
    }
    Supplier<Kernel> vector = VectorKernel::new; // not loaded where the module is missing
    return vector.get();
  }

  private static Optional<String> obstacle() {
    if (Boolean.getBoolean("sinkwatch.plain-loops")) {
      return Optional.of("sinkwatch.plain-loops is set");
    }
    if (ModuleLayer.boot().findModule("jdk.incubator.vector").isEmpty()) {
      return Optional.of("the JVM was started without --add-modules jdk.incubator.vector");
    }
    if (System.getProperty("java.vm.info", "").contains("interpreted")) {
      return Optional.of("the JVM interprets only");
    }
    for (String argument : ManagementFactory.getRuntimeMXBean().getInputArguments()) {
      if (argument.matches("-XX:TieredStopAtLevel=[0-3]")) {
        return Optional.of("the JVM was started with " + argument);
      }
    }
    int bits = VectorKernel.bits();
    return bits < 128
        ? Optional.of("vectors of this machine have " + bits + " bits")
        : Optional.empty();
  }
}
