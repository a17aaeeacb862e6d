/** Who may come in: users, their passwords, and what each may do. */
@NullMarked
package dev.sinkwatch.dashboard.access;

import org.jspecify.annotations.NullMarked;
