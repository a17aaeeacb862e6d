package dev.sinkwatch.dashboard;

import dev.sinkwatch.ingest.kafka.Topics;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import org.apache.kafka.clients.consumer.ConsumerPartitionAssignor.Assignment;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.internals.ConsumerProtocol;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.coordinator.group.generated.ConsumerGroupCurrentMemberAssignmentKey;
import org.apache.kafka.coordinator.group.generated.ConsumerGroupCurrentMemberAssignmentValue;
import org.apache.kafka.coordinator.group.generated.CoordinatorRecordType;
import org.apache.kafka.coordinator.group.generated.GroupMetadataKey;
import org.apache.kafka.coordinator.group.generated.GroupMetadataValue;
import org.apache.kafka.coordinator.group.generated.OffsetCommitKey;
import org.apache.kafka.coordinator.group.generated.OffsetCommitValue;
import org.jspecify.annotations.Nullable;

/**
 * What the broker's coordinator wrote down of a group, in its order: to whom each partition of the
 * weights was given, and who committed it. A partition is its last owner's until it is given to
 * another.
 */
final class CommitHistory {
  private static final TopicPartition LOG = new TopicPartition("__consumer_offsets", 0);

  private final String group;
  private final Map<Integer, String> owners = new HashMap<>();
  private final List<String> foreign = new ArrayList<>();
  private int assignments;
  private int commits;

  private CommitHistory(String group) {
    this.group = group;
  }

  /** Of a broker whose log of groups has one partition. */
  static CommitHistory read(String bootstrapServers, String group) {
    CommitHistory history = new CommitHistory(group);
    Properties properties = new Properties();
    properties.put("bootstrap.servers", bootstrapServers);
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      consumer.assign(List.of(LOG));
      consumer.seekToBeginning(List.of(LOG));
      long end = Objects.requireNonNull(consumer.endOffsets(List.of(LOG)).get(LOG));
      while (consumer.position(LOG) < end) {
        consumer.poll(Duration.ofMillis(200)).forEach(history::add);
      }
    }
    return history;
  }

  /** Times that a partition was given to a member that did not have it. */
  int assignments() {
    return assignments;
  }

  int commits() {
    return commits;
  }

  /** Commits for partitions that were somebody else's, a line each. */
  List<String> foreign() {
    return foreign;
  }

  private void add(ConsumerRecord<byte[], byte[]> record) {
    byte[] value = record.value();
    if (value == null) {
      return; // a member that left, or an offset too old: what follows tells who owns
    }
    ByteBuffer key = ByteBuffer.wrap(record.key());
    CoordinatorRecordType type = CoordinatorRecordType.fromId(key.getShort());
    ByteBuffer content = ByteBuffer.wrap(value);
    short version = content.getShort();
    ByteBufferAccessor keys = new ByteBufferAccessor(key);
    ByteBufferAccessor values = new ByteBufferAccessor(content);
    switch (type) {
      case OFFSET_COMMIT -> {
        OffsetCommitKey commit = new OffsetCommitKey(keys, (short) 0);
        if (commit.group().equals(group) && commit.topic().equals(Topics.WEIGHTS)) {
          committed(commit.partition(), new OffsetCommitValue(values, version));
        }
      }
      case GROUP_METADATA -> {
        if (new GroupMetadataKey(keys, (short) 0).group().equals(group)) {
          new GroupMetadataValue(values, version).members().forEach(this::assigned);
        }
      }
      case CONSUMER_GROUP_CURRENT_MEMBER_ASSIGNMENT -> {
        ConsumerGroupCurrentMemberAssignmentKey member =
            new ConsumerGroupCurrentMemberAssignmentKey(keys, (short) 0);
        if (member.groupId().equals(group)) {
          new ConsumerGroupCurrentMemberAssignmentValue(values, version)
              .assignedPartitions().stream()
                  .flatMap(topic -> topic.partitions().stream())
                  .forEach(partition -> given(partition, member.memberId()));
        }
      }
      default -> {
        // targets, subscriptions, epochs: what members are to own and do not yet
      }
    }
  }

  private void assigned(GroupMetadataValue.MemberMetadata member) {
    if (member.assignment().length > 0) {
      Assignment assignment =
          ConsumerProtocol.deserializeAssignment(ByteBuffer.wrap(member.assignment()));
      assignment.partitions().stream()
          .filter(partition -> partition.topic().equals(Topics.WEIGHTS))
          .forEach(partition -> given(partition.partition(), member.memberId()));
    }
  }

  private void given(int partition, String member) {
    if (!member.equals(owners.put(partition, member))) {
      assignments++;
    }
  }

  private void committed(int partition, OffsetCommitValue commit) {
    commits++;
    @Nullable String owner = owners.get(partition);
    if (!commit.metadata().equals(owner)) {
      foreign.add(
          "partition "
              + partition
              + " up to "
              + commit.offset()
              + " by "
              + commit.metadata()
              + ", owned by "
              + owner);
    }
  }
}
