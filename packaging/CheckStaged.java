import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.jar.JarFile;
import java.util.jar.Manifest;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.w3c.dom.Element;
import org.w3c.dom.Node;

/**
 * Holds a staged repository to what Maven Central validates (name, description, url, licences, developers, scm, sources, Javadoc,
 * checksums; with --signed, signatures, which are verified wherever they are), and to what Gradle, sbt and Coursier can read: no parent, profile, property or version range,
 * nothing that only Maven's model would complete, and no native library where it was not asked for. Every jar must state a module name. For
 * Ivy, residual-spark must name the classes beside each native library.
 *
 * <p>{@code java packaging/CheckStaged.java FOLDER [--signed]}; exit code 1 if something is wrong.
 */
public final class CheckStaged {
    private static final Set<String> LARGE = Set.of("pytorch", "openblas", "mkl", "javacpp");
    private final List<String> wrong = new ArrayList<>();
    private final Set<String> artifacts = new TreeSet<>();
    private final Set<String> named = new TreeSet<>();
    private final Set<String> besideClasses = new TreeSet<>();
    private final Set<String> typed = new TreeSet<>();
    private int files;
    private int signatures;

    public static void main(String[] args) throws Exception {
        CheckStaged check = new CheckStaged();
        boolean signed = List.of(args).contains("--signed");
        List<Path> poms;
        try (Stream<Path> walk = Files.walk(Path.of(args[0]))) {
            poms = walk.filter(f -> f.toString().endsWith(".pom")).sorted().toList();
        }
        for (Path pom : poms) {
            check.pom(pom, signed);
        }
        check.complete();
        check.wrong.forEach(System.out::println);
        System.out.printf(
                "%d artefacts, %d files, %d signatures, %d faults%n",
                check.artifacts.size(), check.files, check.signatures, check.wrong.size());
        System.exit(check.wrong.isEmpty() && !poms.isEmpty() ? 0 : 1);
    }

    private void pom(Path pom, boolean signed) throws Exception {
        Element root = DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(pom.toFile())
                .getDocumentElement();
        String artifact = text(root, "artifactId");
        String packaging = text(root, "packaging").isEmpty() ? "jar" : text(root, "packaging");
        artifacts.add(artifact);
        for (String needed : List.of("groupId", "artifactId", "version", "name", "description", "url")) {
            require(!text(root, needed).isEmpty(), artifact, "no <" + needed + ">");
        }
        require(!text(root, "version").endsWith("-SNAPSHOT"), artifact, "a snapshot version");
        require(path(root, "licenses", "license", "name") != null, artifact, "no licence");
        require(path(root, "licenses", "license", "url") != null, artifact, "no address of the licence");
        require(path(root, "developers", "developer", "name") != null, artifact, "no developer");
        require(path(root, "scm", "connection") != null && path(root, "scm", "url") != null, artifact, "no scm");
        for (String unwanted : List.of("parent", "profiles", "properties", "build", "repositories", "pluginRepositories")) {
            require(child(root, unwanted) == null, artifact, "<" + unwanted + ">, which other tools than Maven do not follow");
        }
        require(!Files.readString(pom).contains("${"), artifact, "a property that is not filled in");
        dependencies(root, artifact);
        Element managed = child(root, "dependencyManagement");
        require(managed == null || artifact.equals("residual-bom"), artifact, "managed versions, which no consumer inherits");
        if (managed != null) {
            for (Element d : children(child(managed, "dependencies"), "dependency")) {
                require(text(d, "groupId").equals("io.residual"), artifact, "manages " + text(d, "artifactId"));
                named.add(text(d, "artifactId"));
            }
        }
        String stem = pom.toString().replaceAll("\\.pom$", "");
        if (packaging.equals("jar")) {
            for (String kind : List.of("", "-sources", "-javadoc")) {
                require(Files.exists(Path.of(stem + kind + ".jar")), artifact, "no " + (kind.isEmpty() ? "jar" : kind.substring(1)));
            }
        }
        if (Files.exists(Path.of(stem + ".jar"))) {
            moduleName(Path.of(stem + ".jar"), artifact);
        }
        try (Stream<Path> beside = Files.list(pom.getParent())) {
            for (Path file : beside.filter(f -> f.toString().matches(".*\\.(pom|jar)")).toList()) {
                files++;
                checksum(file, "md5", "MD5", artifact);
                checksum(file, "sha1", "SHA-1", artifact);
                Path signature = Path.of(file + ".asc");
                require(!signed || Files.exists(signature), artifact, file.getFileName() + " is not signed");
                if (Files.exists(signature)) {
                    signatures++;
                    require(verified(signature, file), artifact, "gpg --verify refuses " + signature.getFileName());
                }
            }
        }
    }

    /** Whether GnuPG, with the user's keys, finds the signature to be that of the file. */
    private static boolean verified(Path signature, Path file) throws IOException, InterruptedException {
        return new ProcessBuilder("gpg", "--batch", "--quiet", "--verify", signature.toString(), file.toString())
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start()
                        .waitFor()
                == 0;
    }

    private void dependencies(Element root, String artifact) {
        Element all = child(root, "dependencies");
        for (Element d : all == null ? List.<Element>of() : children(all, "dependency")) {
            String name = text(d, "groupId") + ":" + text(d, "artifactId");
            String version = text(d, "version");
            require(!version.isEmpty() && !version.matches(".*[\\[(,].*"), artifact, name + " has the version '" + version + "'");
            require(Set.of("", "compile", "runtime", "provided").contains(text(d, "scope")), artifact, name + " has the scope " + text(d, "scope"));
            if (text(d, "type").equals("ejb")) { // see spark/pom.xml
                require(artifact.equals("residual-spark"), artifact, name + " of the type ejb");
                typed.add(name + ":" + version);
            } else if (artifact.startsWith("residual-natives-") && !text(d, "classifier").isEmpty()) {
                besideClasses.add(name + ":" + version);
            }
            boolean natives = text(d, "groupId").equals("org.bytedeco") && !text(d, "classifier").isEmpty();
            require(
                    natives == (artifact.matches("residual-(natives|mkl)-.*") && LARGE.contains(text(d, "artifactId")) && !text(d, "classifier").isEmpty()),
                    artifact,
                    name + ":" + text(d, "classifier") + " is a native library for one platform");
            if (text(d, "groupId").equals("io.residual")) {
                named.add(text(d, "artifactId"));
                require(version.equals(text(root, "version")), artifact, name + " of another version");
            }
        }
    }

    /** What is named is there, and the bill names all that is there. */
    private void complete() {
        Set<String> missing = new TreeSet<>(named);
        missing.removeAll(artifacts);
        require(missing.isEmpty(), "the repository", "named and not there: " + missing);
        Set<String> unnamed = new TreeSet<>(artifacts);
        unnamed.removeAll(named);
        unnamed.remove("residual-bom");
        require(unnamed.isEmpty(), "residual-bom", "does not name " + unnamed);
        besideClasses.removeAll(typed);
        require(besideClasses.isEmpty(), "residual-spark", "Ivy would lose the classes of " + besideClasses);
    }

    private void moduleName(Path jar, String artifact) throws IOException {
        try (JarFile file = new JarFile(jar.toFile())) {
            Manifest manifest = file.getManifest();
            String name = manifest == null ? null : manifest.getMainAttributes().getValue("Automatic-Module-Name");
            require(
                    file.getEntry("module-info.class") != null || name != null && Pattern.matches("[a-z_][\\w]*(\\.[a-z_]\\w*)*", name),
                    artifact,
                    "no module name");
        }
    }

    private void checksum(Path file, String extension, String algorithm, String artifact) throws Exception {
        Path beside = Path.of(file + "." + extension);
        if (!Files.exists(beside)) {
            require(false, artifact, file.getFileName() + " has no " + extension);
            return;
        }
        MessageDigest digest = MessageDigest.getInstance(algorithm);
        try (InputStream in = Files.newInputStream(file)) {
            byte[] buffer = new byte[1 << 16];
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                digest.update(buffer, 0, n);
            }
        }
        String found = Files.readString(beside, StandardCharsets.US_ASCII).strip();
        require(HexFormat.of().formatHex(digest.digest()).equals(found), artifact, beside.getFileName() + " is that of another file");
    }

    private void require(boolean holds, String artifact, String otherwise) {
        if (!holds) {
            wrong.add(artifact + ": " + otherwise);
        }
    }

    private static Element child(Element parent, String name) {
        List<Element> all = children(parent, name);
        return all.isEmpty() ? null : all.get(0);
    }

    private static Element path(Element root, String... names) {
        Element at = root;
        for (String name : names) {
            at = at == null ? null : child(at, name);
        }
        return at;
    }

    private static List<Element> children(Element parent, String name) {
        List<Element> all = new ArrayList<>();
        for (Node n = parent.getFirstChild(); n != null; n = n.getNextSibling()) {
            if (n instanceof Element e && e.getTagName().equals(name)) {
                all.add(e);
            }
        }
        return all;
    }

    private static String text(Element parent, String name) {
        Element child = child(parent, name);
        return child == null ? "" : child.getTextContent().strip();
    }
}
