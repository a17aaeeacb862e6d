/** What the analysis says: figures of a layer, figures of a chain, and their JSON. */
@NullMarked
package dev.sinkwatch.analyzer.verdict;

import org.jspecify.annotations.NullMarked;
