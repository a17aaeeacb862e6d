package dev.sinkwatch.dashboard.report;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sinkwatch.analyzer.verdict.ChainVerdict;
import dev.sinkwatch.analyzer.verdict.LayerVerdict;
import dev.sinkwatch.analyzer.verdict.VerdictJson;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;

/** One object a line. */
final class JsonReport implements Report {
  private final PrintWriter out;
  private final boolean several;
  private String path = "";

  /**
   * @param several whether each object says which file it is of
   */
  JsonReport(PrintWriter out, boolean several) {
    this.out = out;
    this.several = several;
  }

  @Override
  public void step(String file, long step) {
    path = file;
  }

  @Override
  public void layer(LayerVerdict verdict) {
    line(VerdictJson.layer(verdict));
  }

  @Override
  public void chain(ChainVerdict verdict) {
    line(VerdictJson.chain(verdict));
  }

  @Override
  public boolean lost() {
    return out.checkError();
  }

  private void line(ObjectNode json) {
    if (several) {
      json.put("file", path);
    }
    out.println(new String(VerdictJson.bytes(json), StandardCharsets.UTF_8));
    out.flush();
  }
}
