package dev.sinkwatch.dashboard.silence;

import dev.sinkwatch.analyzer.AlarmNames;
import dev.sinkwatch.ingest.RejectedException;
import dev.sinkwatch.ingest.safetensors.Fields;
import java.time.Duration;
import java.util.regex.Pattern;

/** What a silence may be, whoever wrote it. Stateless. */
final class SilenceRules {
  static final Duration LONGEST = Duration.ofDays(30);
  private static final int REASON_CHARACTERS = 500;
  private static final Pattern ID = Pattern.compile("[A-Za-z0-9-]{1,64}");
  private static final Pattern BY = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._@-]{0,63}");

  private SilenceRules() {}

  static boolean isId(String text) {
    return ID.matcher(text).matches();
  }

  /**
   * @param slackMillis by which clocks may differ
   * @throws SilenceException with what is wrong with it
   */
  static void check(Silence silence, long nowMillis, long slackMillis) throws SilenceException {
    check(isId(silence.id()), "id is not one of a silence");
    check(BY.matcher(silence.by()).matches(), "by is nobody's name");
    names(silence);
    reason(silence.reason());
    check(
        silence.until() <= nowMillis + LONGEST.toMillis() + slackMillis,
        "a silence lasts %d days at most".formatted(LONGEST.toDays()));
  }

  private static void names(Silence silence) throws SilenceException {
    boolean anyRun = silence.run().equals(Silence.ANY);
    boolean anyAlarm = silence.alarm().equals(Silence.ANY);
    check(
        anyAlarm || AlarmNames.known(silence.alarm()),
        "there is no such alarm; there are * and " + String.join(", ", AlarmNames.all()));
    check(!anyRun || !anyAlarm, "name a run or an alarm: * for both would silence everything");
    try {
      if (!anyRun) {
        var _ = Fields.run(silence.run());
      }
      if (!silence.layer().equals(Silence.ANY)) {
        String layer = silence.layer();
        var _ =
            Fields.layer(
                layer.endsWith(Silence.ANY) ? layer.substring(0, layer.length() - 1) : layer);
      }
    } catch (RejectedException e) {
      throw SilenceException.invalid(e.rejection().detail());
    }
  }

  private static void reason(String reason) throws SilenceException {
    check(!reason.isBlank(), "say why, in reason");
    check(
        reason.codePointCount(0, reason.length()) <= REASON_CHARACTERS,
        "a reason has %d characters at most".formatted(REASON_CHARACTERS));
    check(
        reason
            .codePoints()
            .noneMatch(character ->
                Character.isISOControl(character)
                    || Character.getType(character) == Character.SURROGATE),
        "a reason is one line without control characters");
  }

  private static void check(boolean right, String line) throws SilenceException {
    if (!right) {
      throw SilenceException.invalid(line);
    }
  }
}
