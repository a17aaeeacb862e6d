package dev.sinkwatch.dashboard.config;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The PEM files of the HTTP door.
 *
 * @param certificate with the chain behind it
 * @param key of the certificate
 * @param clientCa authorities whose clients alone may come in; null when clients show no
 *     certificates
 */
public record TlsFiles(Path certificate, Path key, @Nullable Path clientCa) {}
