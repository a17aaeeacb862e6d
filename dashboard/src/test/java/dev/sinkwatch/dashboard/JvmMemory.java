package dev.sinkwatch.dashboard;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.tools.attach.VirtualMachine;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryMXBean;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.management.MBeanServerConnection;
import javax.management.ObjectName;
import javax.management.remote.JMXConnector;
import javax.management.remote.JMXConnectorFactory;
import javax.management.remote.JMXServiceURL;

/** What a JVM on this machine holds, seen from outside. */
final class JvmMemory implements AutoCloseable {
  private static final Pattern OTHER =
      Pattern.compile("Other \\(reserved=\\d+KB, committed=(\\d+)KB");

  private final JMXConnector connector;
  private final MemoryMXBean memory;
  private final List<MemoryPoolMXBean> heap;
  private final MBeanServerConnection server;
  private final ObjectName tracker;

  /**
   * @param heapBytes that are reachable
   * @param directBytes of buffers and segments outside of the heap, whoever made them: the JVM
   *     counts them with {@code -XX:NativeMemoryTracking}, its pool of direct buffers but a part
   */
  record Live(long heapBytes, long directBytes) {}

  @SuppressWarnings("BanJNDI") // what it is connected to, and trusts, is a process of ours
  JvmMemory(long pid) throws Exception {
    VirtualMachine jvm = VirtualMachine.attach(Long.toString(pid));
    try {
      connector = JMXConnectorFactory.connect(new JMXServiceURL(jvm.startLocalManagementAgent()));
    } finally {
      jvm.detach();
    }
    server = connector.getMBeanServerConnection();
    memory = ManagementFactory.getPlatformMXBean(server, MemoryMXBean.class);
    heap =
        ManagementFactory.getPlatformMXBeans(server, MemoryPoolMXBean.class).stream()
            .filter(pool -> pool.getType() == MemoryType.HEAP)
            .toList();
    tracker = new ObjectName("com.sun.management:type=DiagnosticCommand");
  }

  /** As a collection left it, whatever has been allocated since. */
  Live live() throws Exception {
    memory.gc();
    long reachable = heap.stream().mapToLong(pool -> pool.getCollectionUsage().getUsed()).sum();
    String summary =
        (String)
            server.invoke(
                tracker,
                "vmNativeMemory",
                new Object[] {new String[] {"summary"}},
                new String[] {String[].class.getName()});
    Matcher other = OTHER.matcher(summary);
    assertThat(other.find()).as(summary).isTrue();
    return new Live(reachable, Long.parseLong(other.group(1)) << 10);
  }

  @Override
  public void close() throws IOException {
    connector.close();
  }
}
