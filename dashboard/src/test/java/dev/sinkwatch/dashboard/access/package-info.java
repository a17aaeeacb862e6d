@NullMarked
package dev.sinkwatch.dashboard.access;

import org.jspecify.annotations.NullMarked;
