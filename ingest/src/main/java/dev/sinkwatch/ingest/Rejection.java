package dev.sinkwatch.ingest;

/**
 * Why a record was refused.
 *
 * @param detail one line for a person, without the record's values
 */
public record Rejection(Reason reason, String detail) {}
