import java.io.*;
import java.math.*;
import java.nio.charset.StandardCharsets;
import java.nio.file.*;
import java.security.*;
import java.security.spec.X509EncodedKeySpec;
import java.util.*;

/** A receiver written from docs/customs.md alone, in a third language: java Receiver.java BASE FILE KEY[,KEY]
 *  Lines "topic payload" come on stdin; what it says goes to stdout in the same way, as mosquitto_sub -v and
 *  mosquitto_pub would have it. FILE holds one event a line, as it was received. */
public class Receiver {
    static final String START = "0".repeat(64);
    static final List<PublicKey> keys = new ArrayList<>();
    static final Map<Long, Map<String, Object>> early = new HashMap<>();
    static final Map<Long, Object> held = new HashMap<>();
    static long through = 0;
    static String before = START, base;
    static FileChannelWriter file;

    public static void main(String[] args) throws Exception {
        base = args[0];
        for (String key : args[2].split(",")) {
            byte[] prefix = HexFormat.of().parseHex("302a300506032b6570032100");
            byte[] raw = Base64.getDecoder().decode(key), whole = Arrays.copyOf(prefix, 44);
            System.arraycopy(raw, 0, whole, 12, 32);
            keys.add(KeyFactory.getInstance("Ed25519").generatePublic(new X509EncodedKeySpec(whole)));
        }
        Path path = Path.of(args[1]);
        if (Files.exists(path))
            for (String line : Files.readAllLines(path)) {
                Map<String, Object> event = object(line);
                through = Long.parseLong((String) event.get("sequence"));
                before = (String) event.get("hash");
                held.put(through, event.get("id"));
            }
        file = new FileChannelWriter(path);
        InputStream in = new BufferedInputStream(System.in, 1 << 20);
        for (byte[] line; (line = line(in)) != null; ) {
            String text = new String(line, StandardCharsets.UTF_8);
            int blank = text.indexOf(' ');
            if (blank < 0) continue;
            try {
                received(text.substring(0, blank), text.substring(blank + 1));
            } catch (RuntimeException | StackOverflowError | GeneralSecurityException error) {
                person("not understood: " + error);
            }
        }
    }

    static void received(String topic, String payload) throws Exception {
        if (!topic.startsWith(base + "/")) return;
        String kind = topic.substring(base.length() + 1);
        Map<String, Object> said = object(payload);
        if (kind.equals("status") && "online".equals(said.get("state"))) {
            say("replay", "\"after\": " + through + ", \"hash\": \"" + before + "\"");
        } else if (kind.equals("replay/result")) {
            long after = number(said.get("after")), first = number(said.get("first"));
            if (after > through || first <= through) return;
            if (!signed(said, "signature")) person("a replay/result is not signed by this gate");
            else if (first > through + 1) {
                skip(first, (String) said.get("previoushash"));
                take();
            } else if (!before.equals(said.get("previoushash")) && !START.equals(said.get("previoushash")))
                person("the gate goes on with another history");
        } else if (kind.startsWith("events/")) {
            event(said, payload);
            say("ack", "\"through\": " + through);
        }
    }

    static void event(Map<String, Object> said, String payload) throws Exception {
        long number = Long.parseLong((String) said.get("sequence"));
        String hash = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(without(said, "hash", "replayed")));
        if (!signed(said, "hash", "replayed", "signature") || !hash.equals(said.get("hash"))) {
            person("event " + number + " is not signed by this gate");
            return;
        }
        if (held.containsKey(number) && !held.get(number).equals(said.get("id"))) {
            person("number " + number + " was given twice");
        } else if (number > through && early.size() < 10_000) {
            said.put(" received", payload);
            early.put(number, said);
            boolean series = START.equals(said.get("previoushash"));
            if (series && number == through + 1) skip(number, START);
            else if (series) say("replay", "\"after\": " + through + ", \"hash\": \"" + before + "\"");
        }
        take();
    }

    static void take() throws IOException {
        for (Map<String, Object> next; (next = early.get(through + 1)) != null; ) {
            early.remove(through + 1);
            if (!before.equals(next.get("previoushash"))) {
                say("replay", "\"after\": " + through + ", \"hash\": \"" + before + "\"");
                return;
            }
            file.line((String) next.get(" received"));
            through++;
            before = (String) next.get("hash");
            held.put(through, next.get("id"));
        }
    }

    static void skip(long first, String previous) {
        if (first > through + 1) person("events " + (through + 1) + " to " + (first - 1) + " will not come");
        through = first - 1;
        before = previous;
        early.keySet().removeIf(number -> number <= through);
    }

    static boolean signed(Map<String, Object> said, String... left) throws GeneralSecurityException {
        if (!(said.get("signature") instanceof String signature)) return false;
        byte[] raw = Base64.getDecoder().decode(signature), bytes = without(said, left);
        for (PublicKey key : keys) {
            Signature verifier = Signature.getInstance("Ed25519");
            verifier.initVerify(key);
            verifier.update(bytes);
            try { if (verifier.verify(raw)) return true; } catch (SignatureException error) { /* another length */ }
        }
        return false;
    }

    static byte[] without(Map<String, Object> said, String... left) {
        Map<String, Object> bare = new HashMap<>(said);
        for (String name : left) bare.remove(name);
        StringBuilder out = new StringBuilder();
        write(bare, out);
        return out.toString().getBytes(StandardCharsets.UTF_8);
    }

    static void say(String word, String what) {
        System.out.println(base + "/" + word + "/example {\"consumer\": \"example\", " + what + "}");
        System.out.flush();
    }

    static void person(String text) { System.err.println(text); }

    static long number(Object value) { return ((Double) value).longValue(); }

    // --- RFC 8785 ---

    @SuppressWarnings("unchecked")
    static void write(Object value, StringBuilder out) {
        if (value instanceof Map) {
            // UTF-16 code units, as Java's String compares.
            Iterator<Map.Entry<String, Object>> each = new TreeMap<>((Map<String, Object>) value).entrySet().iterator();
            out.append('{');
            while (each.hasNext()) {
                Map.Entry<String, Object> entry = each.next();
                text(entry.getKey(), out);
                out.append(':');
                write(entry.getValue(), out);
                if (each.hasNext()) out.append(',');
            }
            out.append('}');
        } else if (value instanceof List) {
            out.append('[');
            for (int n = 0; n < ((List<Object>) value).size(); n++) {
                if (n > 0) out.append(',');
                write(((List<Object>) value).get(n), out);
            }
            out.append(']');
        } else if (value instanceof String string) text(string, out);
        else if (value instanceof Double number) out.append(ecma(number));
        else out.append(value);
    }

    static void text(String string, StringBuilder out) {
        out.append('"');
        for (char c : string.toCharArray()) {
            int known = "\b\t\n\f\r\"\\".indexOf(c);
            if (known >= 0) out.append('\\').append("btnfr\"\\".charAt(known));
            else if (c < 0x20) out.append(String.format("\\u%04x", (int) c));
            else out.append(c);
        }
        out.append('"');
    }

    /** As ECMAScript writes a number: the shortest digits that read back as the same. */
    static String ecma(double value) {
        if (value == 0) return "0";
        if (value < 0) return "-" + ecma(-value);
        if (Double.isInfinite(value)) throw new IllegalArgumentException("no number of JSON");
        BigDecimal shortest = new BigDecimal(value);
        for (int digits = 1; digits <= 17; digits++) {
            BigDecimal tried = new BigDecimal(value).round(new MathContext(digits, RoundingMode.HALF_EVEN));
            if (tried.doubleValue() == value) { shortest = tried; break; }
        }
        String digits = shortest.unscaledValue().toString().replaceAll("0+$", "");
        int point = shortest.precision() - shortest.scale();
        if (point > 21 || point < -5) {
            String rest = digits.length() > 1 ? "." + digits.substring(1) : "";
            return digits.charAt(0) + rest + "e" + (point > 0 ? "+" : "") + (point - 1);
        }
        if (point <= 0) return "0." + "0".repeat(-point) + digits;
        if (digits.length() <= point) return digits + "0".repeat(point - digits.length());
        return digits.substring(0, point) + "." + digits.substring(point);
    }

    // --- JSON into plain maps, texts and numbers ---

    static Map<String, Object> object(String text) {
        Parser parser = new Parser(text);
        Object value = parser.value(0);
        parser.blank();
        if (parser.at < text.length()) throw new IllegalArgumentException("more than one value");
        @SuppressWarnings("unchecked") Map<String, Object> made = (Map<String, Object>) value;
        return Objects.requireNonNull(made);
    }

    static class Parser {
        final String text;
        int at = 0;
        Parser(String text) { this.text = text; }
        void blank() { while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) at++; }
        boolean next(char c) { blank(); if (at < text.length() && text.charAt(at) == c) { at++; return true; } return false; }
        void must(char c) { if (!next(c)) throw new IllegalArgumentException(c + " is expected at " + at); }
        Object value(int depth) {
            if (depth > 200) throw new IllegalArgumentException("too deep");
            if (next('{')) {
                Map<String, Object> made = new LinkedHashMap<>();
                if (next('}')) return made;
                do { must('"'); String name = string(); must(':'); made.put(name, value(depth + 1)); } while (next(','));
                must('}');
                return made;
            }
            if (next('[')) {
                List<Object> made = new ArrayList<>();
                if (next(']')) return made;
                do made.add(value(depth + 1)); while (next(','));
                must(']');
                return made;
            }
            if (next('"')) return string();
            int begin = at;
            while (at < text.length() && "+-.eE0123456789truefalsn".indexOf(text.charAt(at)) >= 0) at++;
            String word = text.substring(begin, at);
            return switch (word) { case "true" -> true; case "false" -> false; case "null" -> null; default -> Double.valueOf(word); };
        }
        String string() {
            StringBuilder out = new StringBuilder();
            for (char c; (c = text.charAt(at++)) != '"'; ) {
                if (c != '\\') { out.append(c); continue; }
                c = text.charAt(at++);
                if (c == 'u') { out.append((char) Integer.parseInt(text.substring(at, at + 4), 16)); at += 4; }
                else out.append("\b\f\n\r\t".charAt("bfnrt".indexOf(c) < 0 ? 0 : "bfnrt".indexOf(c)) );
                if ("\"\\/".indexOf(c) >= 0) out.setCharAt(out.length() - 1, c);
            }
            return out.toString();
        }
    }

    static byte[] line(InputStream in) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        int c;
        while ((c = in.read()) >= 0 && c != '\n') out.write(c);
        return c < 0 && out.size() == 0 ? null : out.toByteArray();
    }

    /** Each line is on the disk before it is acknowledged. */
    static class FileChannelWriter {
        final java.nio.channels.FileChannel channel;
        FileChannelWriter(Path path) throws IOException {
            channel = java.nio.channels.FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        }
        void line(String text) throws IOException {
            channel.write(java.nio.ByteBuffer.wrap((text + "\n").getBytes(StandardCharsets.UTF_8)));
            channel.force(false);
        }
    }
}
