package dev.sinkwatch.dashboard;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noMethods;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.GeneralCodingRules.ACCESS_STANDARD_STREAMS;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;

/** What holds in the whole house, which can be seen from its last module, and in that module. */
@AnalyzeClasses(
    packages = "dev.sinkwatch",
    importOptions = {ImportOption.DoNotIncludeTests.class, HouseRulesTest.NoTestJars.class})
class HouseRulesTest {

  /** Tests of other modules come as directories or, once those are packaged, as jars. */
  static final class NoTestJars implements ImportOption {
    @Override
    public boolean includes(Location location) {
      return !location.contains("-tests.jar");
    }
  }

  @ArchTest
  static final ArchRule arrowsPointOneWay =
      layeredArchitecture()
          .consideringOnlyDependenciesInLayers()
          .layer("dashboard")
          .definedBy("dev.sinkwatch.dashboard..")
          .layer("analyzer")
          .definedBy("dev.sinkwatch.analyzer..")
          .layer("ingest")
          .definedBy("dev.sinkwatch.ingest..")
          .whereLayer("dashboard")
          .mayNotBeAccessedByAnyLayer()
          .whereLayer("analyzer")
          .mayOnlyBeAccessedByLayers("dashboard");

  @ArchTest
  static final ArchRule packagesHaveNoCircles =
      slices().assignedFrom(new EveryPackage()).should().beFreeOfCycles();

  @ArchTest
  static final ArchRule kafkaIsOfIngestAndDashboard =
      noClasses()
          .that()
          .resideOutsideOfPackages(
              "dev.sinkwatch.ingest.kafka..",
              "dev.sinkwatch.ingest.embedded..",
              "dev.sinkwatch.dashboard..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("org.apache.kafka..");

  @ArchTest
  static final ArchRule metricsLibraryIsOfMetrics =
      noClasses()
          .that()
          .resideOutsideOfPackage("dev.sinkwatch.dashboard.metrics..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("io.micrometer..", "io.prometheus..");

  @ArchTest
  static final ArchRule webServerIsOfHttp =
      noClasses()
          .that()
          .resideOutsideOfPackage("dev.sinkwatch.dashboard.http..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("io.vertx..");

  @ArchTest
  static final ArchRule namesSayWhatAClassIs =
      noClasses().should().haveNameMatching(".*(Utils?|Impl|Manager|Helper)");

  @ArchTest
  static final ArchRule nothingIsSetFromOutside =
      noMethods().that().arePublic().should().haveNameMatching("set[A-Z].*");

  @ArchTest
  static final ArchRule oneLoggingLibrary =
      noClasses().should().dependOnClassesThat().resideInAPackage("java.util.logging..");

  @ArchTest
  static final ArchRule onlyCommandsSpeakToTheTerminal =
      noClasses()
          .that()
          .resideOutsideOfPackage("dev.sinkwatch.dashboard.command..")
          .should(ACCESS_STANDARD_STREAMS);

  /** Each package a slice of its own, that of a module's root too. */
  private static final class EveryPackage implements SliceAssignment {
    @Override
    public SliceIdentifier getIdentifierOf(JavaClass type) {
      return SliceIdentifier.of(type.getPackageName());
    }

    @Override
    public String getDescription() {
      return "packages";
    }
  }
}
