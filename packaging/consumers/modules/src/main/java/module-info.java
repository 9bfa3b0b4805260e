/** An application with a module of its own: it requires the library and the models that ship, by name. */
module shop {
    requires io.residual;
    requires io.residual.world;
    requires java.desktop; // an automatic module does not hand on what its signatures name: here BufferedImage
}
