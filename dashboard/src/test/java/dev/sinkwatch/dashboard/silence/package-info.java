@NullMarked
package dev.sinkwatch.dashboard.silence;

import org.jspecify.annotations.NullMarked;
