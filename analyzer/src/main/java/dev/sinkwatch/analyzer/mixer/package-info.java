/** Whole verdicts on batches of small operators, several operators in the lanes of one vector. */
@NullMarked
package dev.sinkwatch.analyzer.mixer;

import org.jspecify.annotations.NullMarked;
