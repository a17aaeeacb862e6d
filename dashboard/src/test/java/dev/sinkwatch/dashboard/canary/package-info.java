@NullMarked
package dev.sinkwatch.dashboard.canary;

import org.jspecify.annotations.NullMarked;
