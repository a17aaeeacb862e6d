package dev.sinkwatch.dashboard.config;

/** A setting that cannot be used; its message is one line for whoever wrote it. */
public final class ConfigException extends Exception {
  private static final long serialVersionUID = 1L;

  public ConfigException(String message) {
    super(message.replaceAll("\\p{IsControl}", "?")); // keys and values may have any characters
  }
}
