/**
 * An application with a module of its own. The library's modules are automatic, which hand on nothing: besides the library and the models that ship,
 * the modules of the types that its signatures name are required here, java.desktop for BufferedImage and io.residual.adapters for Prediction.
 */
module shop {
    requires java.desktop;
    requires io.residual;
    requires io.residual.adapters;
    requires io.residual.world;
}
