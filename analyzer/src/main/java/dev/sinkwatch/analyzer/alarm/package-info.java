/** Conditions on verdicts that have held long enough to tell someone. */
@NullMarked
package dev.sinkwatch.analyzer.alarm;

import org.jspecify.annotations.NullMarked;
