package dev.sinkwatch.dashboard.access;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells whose credentials are whose, without blocking the caller. Passwords are hashed on threads
 * of its own, few enough that a flood of wrong ones slows nothing else, and no more wait than can
 * be served soon; credentials that were right a moment ago cost nothing. Safe for several threads.
 */
public final class Authenticator implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Authenticator.class);

  /** Verifications that wait or go on; of one address, so that others still come in. */
  static final int MOST_WAITING = 32;

  static final int MOST_WAITING_OF_ADDRESS = 4;

  private final UsersFile users;
  private final Derivation derivation;
  private final InstantSource clock;
  private final CredentialsKey keys = new CredentialsKey();
  private final ExecutorService hashing;
  private final Refusals refusals = new Refusals();
  private final VerifiedCredentials verified = new VerifiedCredentials();
  private final Map<ByteBuffer, CompletableFuture<Admission>> underWay = new HashMap<>();
  private final Map<String, Integer> waitingByAddress = new HashMap<>();

  /**
   * @throws IOException with one line when the file is not one of users
   */
  public Authenticator(Path file) throws IOException {
    this(file, Derivation.PBKDF2, InstantSource.system());
  }

  Authenticator(Path file, Derivation derivation, InstantSource clock) throws IOException {
    this.users = new UsersFile(file);
    this.derivation = derivation;
    this.clock = clock;
    this.hashing =
        Executors.newFixedThreadPool(
            Math.clamp(Runtime.getRuntime().availableProcessors() / 4, 1, 4),
            Thread.ofPlatform().name("passwords-", 0).daemon().factory());
  }

  /**
   * Completes at once when the answer is known, else on a thread of this object's.
   *
   * @param address where they come from
   */
  public CompletableFuture<Admission> authenticate(Credentials credentials, String address) {
    ByteBuffer key = keys.of(credentials);
    Users now = users.now();
    CompletableFuture<Admission> admission = new CompletableFuture<>();
    synchronized (this) {
      User known = verified.find(key, now, clock.instant());
      if (known != null) {
        return CompletableFuture.completedFuture(admit(known));
      }
      CompletableFuture<Admission> same = underWay.get(key);
      if (same != null) {
        return same; // a page asks for all its parts at once
      }
      if (underWay.size() >= MOST_WAITING
          || waitingByAddress.getOrDefault(address, 0) >= MOST_WAITING_OF_ADDRESS) {
        return CompletableFuture.completedFuture(new Admission.Busy());
      }
      underWay.put(key, admission);
      waitingByAddress.merge(address, 1, Integer::sum);
    }
    hashing.execute(() -> verify(key, credentials, address, now, admission));
    return admission;
  }

  private void verify(
      ByteBuffer key,
      Credentials credentials,
      String address,
      Users now,
      CompletableFuture<Admission> admission) {
    Optional<User> user = Optional.empty();
    try {
      user = now.verify(credentials, derivation);
    } catch (RuntimeException e) {
      LOG.error("a password could not be hashed", e);
    }
    synchronized (this) {
      underWay.remove(key);
      waitingByAddress.computeIfPresent(address, (_, count) -> count == 1 ? null : count - 1);
      user.ifPresent(found -> verified.add(key, found, now, clock.instant()));
    }
    if (user.isEmpty()) {
      refusals.add(address, clock.instant());
    }
    admission.complete(user.map(this::admit).orElse(new Admission.Refused()));
  }

  private Admission admit(User user) {
    return user.expired(clock.instant()) ? new Admission.Refused() : new Admission.Granted(user);
  }

  /** Whether somebody who came in before still may be here. */
  public boolean welcome(User user) {
    return users.now().has(user) && !user.expired(clock.instant());
  }

  /** Reads the file again if it has changed; blocks for as long as that takes. */
  public void refresh() {
    users.refresh();
  }

  @Override
  public void close() {
    hashing.shutdownNow();
  }
}
