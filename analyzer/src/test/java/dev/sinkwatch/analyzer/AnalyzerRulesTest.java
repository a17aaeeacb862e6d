package dev.sinkwatch.analyzer;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** Which way the arrows of this module point. */
@AnalyzeClasses(
    packages = "dev.sinkwatch.analyzer",
    importOptions = ImportOption.DoNotIncludeTests.class)
class AnalyzerRulesTest {

  @ArchTest
  static final ArchRule knowsNoCarrierAndNoReader =
      noClasses()
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "org.apache.kafka..",
              "io.vertx..",
              "java.net.http..",
              "com.sun.net..",
              "io.micrometer..",
              "io.prometheus..");

  @ArchTest
  static final ArchRule takesOnlyTheSharedWordsOfIngest =
      noClasses()
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("dev.sinkwatch.ingest.*..", "dev.sinkwatch.dashboard..");

  @ArchTest
  static final ArchRule onlyThePipelineKnowsReactor =
      noClasses()
          .that()
          .resideInAPackage("dev.sinkwatch.analyzer.*..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("reactor..", "org.reactivestreams..");

  @ArchTest
  static final ArchRule numericsKnowNothingOfRunsAndAlarms =
      noClasses()
          .that()
          .resideInAnyPackage(
              "..kernel..", "..spectrum..", "..sinkhorn..", "..mixer..", "..profile..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("..analyzer.layer..", "..network..", "..alarm..");

  @ArchTest
  static final ArchRule onlyKernelsAndMixersTouchTheVectorApi =
      noClasses()
          .that()
          .resideOutsideOfPackages("..kernel..", "..mixer..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("jdk.incubator..");
}
