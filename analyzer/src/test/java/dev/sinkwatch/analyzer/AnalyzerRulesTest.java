package dev.sinkwatch.analyzer;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaFieldAccess;
import com.tngtech.archunit.core.domain.JavaMethodCall;
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

  /** Where two widths meet, the compiler may keep vectors as objects: see {@code VectorKernel}. */
  @ArchTest
  static final ArchRule vectorsOfOneTypeHaveOneWidth =
      noClasses()
          .should()
          .accessFieldWhere(
              describe(
                  "a vector's width is not the preferred one",
                  (JavaFieldAccess access) ->
                      isVector(access.getTargetOwner())
                          && access.getName().startsWith("SPECIES_")
                          && !access.getName().equals("SPECIES_PREFERRED")));

  /** Of 16 bits, as wide as the floats that they become. */
  @ArchTest
  static final ArchRule onlyShortsHaveAWidthOfTheirOwn =
      noClasses()
          .that()
          .haveSimpleNameNotEndingWith("VectorKernel")
          .should()
          .callMethodWhere(
              describe(
                  "a species is made",
                  (JavaMethodCall call) ->
                      isVector(call.getTargetOwner()) && call.getName().equals("of")));

  private static boolean isVector(JavaClass type) {
    return type.getPackageName().equals("jdk.incubator.vector");
  }
}
