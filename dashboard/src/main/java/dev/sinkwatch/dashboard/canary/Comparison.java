package dev.sinkwatch.dashboard.canary;

/**
 * A verdict beside the truth.
 *
 * @param exact whether figures of its size are exact; else they are certified by bounds
 * @param error largest relative error of a figure whose true value is not 0; NaN if one is missing
 * @param right whether all figures are as exact as promised: within 1e-9, or the truth between the
 *     bounds
 * @param detail the worst figure, for a person
 */
public record Comparison(boolean exact, double error, boolean right, String detail) {}
