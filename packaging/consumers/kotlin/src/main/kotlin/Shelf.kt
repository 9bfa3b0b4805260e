package shop

import io.residual.Residual
import java.nio.file.Path

/** Says what an image shows. */
fun main(args: Array<String>) {
    Residual.open("world-clip").use { residual ->
        residual.zeroShot(listOf("circle", "square"), listOf("a {}.")).use { shapes ->
            println(shapes.classify(Path.of(args[0])).label())
        }
    }
}
