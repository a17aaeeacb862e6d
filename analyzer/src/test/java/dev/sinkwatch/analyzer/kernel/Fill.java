package dev.sinkwatch.analyzer.kernel;

import java.util.Arrays;
import java.util.Random;

/** Contents that bring a loop to the edges of its arithmetic. */
enum Fill {
  ZEROS {
    @Override
    void into(float[] a, Random random) {
      Arrays.fill(a, 0);
    }
  },
  ONES {
    @Override
    void into(float[] a, Random random) {
      Arrays.fill(a, 1);
    }
  },
  ALTERNATING {
    @Override
    void into(float[] a, Random random) {
      for (int i = 0; i < a.length; i++) {
        a[i] = i % 2 == 0 ? 0.5f : -0.5f;
      }
    }
  },
  NEGATIVE_ZEROS {
    @Override
    void into(float[] a, Random random) {
      Arrays.fill(a, -0.0f);
    }
  },
  LEAST {
    @Override
    void into(float[] a, Random random) {
      Arrays.fill(a, Float.MIN_VALUE);
    }
  },
  LARGE {
    @Override
    void into(float[] a, Random random) {
      Arrays.fill(a, Float.MAX_VALUE / a.length);
    }
  },
  GAUSSIAN {
    @Override
    void into(float[] a, Random random) {
      for (int i = 0; i < a.length; i++) {
        a[i] = (float) random.nextGaussian();
      }
    }
  },
  ONE_NEGATIVE_LAST {
    @Override
    void into(float[] a, Random random) {
      Arrays.fill(a, 0.25f);
      a[a.length - 1] = -Float.MIN_VALUE;
    }
  },
  NAN_FIRST {
    @Override
    void into(float[] a, Random random) {
      one(a, 0, Float.NaN, random);
    }
  },
  NAN_MIDDLE {
    @Override
    void into(float[] a, Random random) {
      one(a, a.length / 2, Float.NaN, random);
    }
  },
  NAN_LAST {
    @Override
    void into(float[] a, Random random) {
      one(a, a.length - 1, Float.NaN, random);
    }
  },
  INFINITY_FIRST {
    @Override
    void into(float[] a, Random random) {
      one(a, 0, Float.NEGATIVE_INFINITY, random);
    }
  },
  INFINITY_MIDDLE {
    @Override
    void into(float[] a, Random random) {
      one(a, a.length / 2, Float.POSITIVE_INFINITY, random);
    }
  },
  INFINITY_LAST {
    @Override
    void into(float[] a, Random random) {
      one(a, a.length - 1, Float.NEGATIVE_INFINITY, random);
    }
  };

  abstract void into(float[] a, Random random);

  /** A filled array of that length. */
  float[] of(int length, Random random) {
    float[] a = new float[length];
    into(a, random);
    return a;
  }

  private static void one(float[] a, int at, float value, Random random) {
    GAUSSIAN.into(a, random);
    a[at] = value;
  }
}
