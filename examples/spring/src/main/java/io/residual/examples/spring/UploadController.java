package io.residual.examples.spring;

import io.residual.base.InputException;
import io.residual.predict.Prediction;
import io.residual.spring.ImageClassifier;
import java.io.IOException;
import java.util.Map;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.multipart.MultipartFile;

/** Classifies uploaded images; the page itself is {@code static/index.html}. */
@RestController
class UploadController {
    private final ImageClassifier classifier;

    UploadController(ImageClassifier classifier) {
        this.classifier = classifier;
    }

    /** What the page shows. */
    record Answer(String label, double probability, boolean accepted) {}

    @PostMapping("/classify")
    Answer classify(@RequestParam("image") MultipartFile image) throws IOException {
        Prediction prediction = classifier.classify(image.getBytes(), "the upload");
        return new Answer(prediction.label(), prediction.probability(), prediction.accepted());
    }

    /** What the sender can put right. */
    @ExceptionHandler
    ResponseEntity<Map<String, String>> unreadable(InputException e) {
        return ResponseEntity.badRequest().body(Map.of("error", String.valueOf(e.getMessage())));
    }
}
