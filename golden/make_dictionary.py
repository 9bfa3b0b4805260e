"""Writes the dictionary of sentences that ships, from word lists of our own.

    python golden/make_dictionary.py analysis/src/main/resources/io/residual/description/dictionary.txt

One sentence a line; lines that begin with # name the theme of those that follow.
"""
import sys

an = lambda w: ("an " if (w[0] in "aeiou" and not w.startswith("uniform")) or w.startswith("x-ray") else "a ") + w
W = lambda s: [w.strip() for w in s.split(",")]
COLOURS = W("red, green, blue, yellow, purple, orange, cyan, pink, white, black, brown, gray, beige, turquoise, crimson, gold, silver, violet, navy, olive")
PLAIN = COLOURS[:12]
TEXTURES = W("striped, dotted, checkered, hatched, noisy, smooth, rough, grainy, woven, furry, scaly, wrinkled, cracked, glossy, matte, rusty, wooden, metallic, marbled, knitted, feathered, polished, dusty, muddy, mossy, bumpy, plain, embroidered, tiled, mesh")
SHAPES = W("circle, square, triangle, star, ring, cross, diamond, crescent, arrow, bar, oval, rectangle, hexagon, spiral, heart, cube, sphere, cone, cylinder, wave")
ANIMALS = W("dog, cat, horse, cow, sheep, goat, pig, chicken, duck, goose, rabbit, mouse, squirrel, fox, wolf, bear, deer, elk, lion, tiger, leopard, elephant, giraffe, zebra, monkey, camel, kangaroo, penguin, owl, eagle, parrot, swan, crow, frog, toad, snake, lizard, turtle, crocodile, fish, shark, whale, dolphin, crab, octopus, bee, butterfly, beetle, spider, ant, snail, hedgehog, otter, beaver, bat, pigeon, donkey, moose, seal, salamander")
PLANTS = W("oak tree, pine tree, palm tree, birch tree, willow, maple leaf, fern, cactus, rose, tulip, sunflower, daisy, orchid, lavender field, lily pond, ivy wall, moss, mushroom, bamboo grove, vineyard, hedge, bonsai, reed bed, clover, dandelion, apple tree, cherry blossom, wheat field, corn field, seaweed")
PLACES = W("beach, forest, desert, mountain, valley, river, lake, waterfall, island, harbour, city street, village, market, castle, church, temple, bridge, tunnel, railway station, airport, kitchen, bedroom, bathroom, office, classroom, library, museum, theatre, stadium, hospital, factory, workshop, garage, barn, farm, garden, park, playground, swimming pool, supermarket, restaurant, cafe, hotel lobby, parking lot, motorway, dirt road, cave, glacier, volcano, swamp, meadow, rooftop, courtyard, staircase, corridor, balcony, construction site, graveyard, lighthouse, windmill")
VEHICLES = W("car, truck, bus, van, taxi, motorcycle, bicycle, scooter, tram, train, locomotive, airplane, helicopter, hot-air balloon, ship, sailing boat, rowing boat, canoe, ferry, submarine, tractor, excavator, crane, fire engine, ambulance, police car, rocket, cable car, sledge, wheelchair")
FOOD = W("bread, cheese, apple, banana, orange, strawberry, grapes, watermelon, lemon, tomato, potato, carrot, onion, pepper, salad, soup, pizza, pasta, rice, noodles, sushi, sandwich, hamburger, sausage, steak, roast chicken, fried egg, pancake, cake, pie, biscuit, chocolate, ice cream, coffee, tea, wine, beer, milk, honey, nuts")
CLOTHES = W("hat, cap, scarf, coat, jacket, shirt, dress, skirt, trousers, jeans, shorts, sweater, suit, tie, glove, sock, shoe, boot, sandal, belt, uniform, apron, swimsuit, raincoat, helmet, crown, glasses, necklace, watch, backpack")
WEATHER = W("rain, snow, fog, wind, a storm, lightning, hail, a clear sky, clouds, a rainbow, frost, heat haze, drizzle, an overcast sky, mist, a blizzard, sleet, thunderclouds, dry heat, dew")
LIGHT = W("bright sunlight, soft light, harsh light, candlelight, neon light, moonlight, firelight, backlight, dim light, deep shadow, a lamp, a spotlight, dawn light, dusk light, golden evening light, blue twilight, fluorescent light, dappled light, glare, total darkness")
VIEWS = W("from above, from below, from the side, from behind, from the front, from far away, very close up, through a window, in a mirror, under water, at an angle, upside down, from a moving train, from the air, at eye level, through a fence, with a wide lens, with a long lens, out of focus, cut off at the edge")
NUMBERS = W("zero, one, two, three, four, five, six, seven, eight, nine, ten, eleven, twelve, twenty, fifty, a hundred")
ONE = W("object, person, animal, building, light, line, dot, letter, window, tree")
THINGS = W("objects, people, animals, buildings, lights, lines, dots, letters, windows, trees")
FEELINGS = W("joyful, sad, calm, tense, lonely, frightening, tender, proud, angry, peaceful, mysterious, playful, solemn, hopeful, gloomy, dreamy, chaotic, elegant, boring, exciting, cosy, threatening, nostalgic, surprising, funny")
STYLES = W("oil painting, watercolour, pencil sketch, charcoal drawing, ink drawing, woodcut, engraving, mosaic, fresco, poster, comic strip, cartoon, collage, pixel image, blueprint, map, diagram, chart, icon, logo, photograph, black-and-white photograph, long-exposure photograph, x-ray image, satellite image, microscope image, screenshot, book cover, stained-glass window, tapestry, statue, paper cut-out, graffiti, child's drawing, handwritten note, printed page, stamp, embroidery, silhouette, three-dimensional rendering")
POSITIONS = W("top left, top, top right, left, center, right, bottom left, bottom, bottom right")
MATERIALS = W("wood, stone, brick, concrete, glass, steel, copper, plastic, paper, cardboard, leather, cotton, wool, silk, rubber, clay, ice, sand, gravel, straw")

THINGS_AT_HOME = W("chair, table, bed, sofa, lamp, clock, mirror, book, pen, pencil, cup, bottle, plate, knife, fork, spoon, pot, pan, kettle, bucket, broom, basket, box, key, lock, door, window, curtain, carpet, pillow, candle, vase, telephone, computer, keyboard, television, camera, radio, umbrella, hammer, screwdriver, saw, ladder, rope, chain, wheel, ball, doll, kite, guitar, piano, violin, drum, trumpet, flag, sign, traffic light, bench, fence, statue")
PEOPLE = W("child, baby, man, woman, old person, crowd, couple, family, teacher, doctor, nurse, cook, farmer, soldier, policeman, firefighter, dancer, singer, painter, athlete, swimmer, runner, cyclist, worker, musician, fisherman, judge, clown, king, astronaut")

themes = {
    "colours": [f"a photo with {c} tones" for c in COLOURS] + [f"{an(c)} object" for c in COLOURS] + [f"an object on {an(c)} background" for c in COLOURS]
        + [f"{a} and {b}" for i, a in enumerate(PLAIN) for b in PLAIN[i + 1:]],
    "textures": [f"{an(t)} texture" for t in TEXTURES] + [f"{an(t)} surface seen from close by" for t in TEXTURES] + [f"something made of {m}" for m in MATERIALS],
    "shapes": [f"{an(s)}" for s in SHAPES] + [f"the outline of {an(s)}" for s in SHAPES] + [f"a pattern of {s}s" for s in SHAPES if s != "cross"]
        + [f"{an(c)} {s}" for c in PLAIN for s in SHAPES[:10]],
    "animals": [f"a picture of {an(a)}" for a in ANIMALS] + [f"{an(a)} in the wild" for a in ANIMALS],
    "plants": [f"a picture of {an(p)}" for p in PLANTS] + [f"{p} in spring" for p in PLANTS],
    "places": [f"a photo taken in {an(p)}" for p in PLACES] + [f"an empty {p}" for p in PLACES],
    "vehicles": [f"a picture of {an(v)}" for v in VEHICLES] + [f"{an(v)} on its way" for v in VEHICLES],
    "food": [f"a plate with {f}" for f in FOOD] + [f"a close view of {f}" for f in FOOD],
    "clothes": [f"a person with {c if c in ('trousers', 'jeans', 'shorts', 'glasses') else an(c)}" for c in CLOTHES] + [f"{c} on a table" for c in CLOTHES],
    "weather": [f"a scene with {w}" for w in WEATHER] + [f"a landscape after {w}" for w in WEATHER],
    "light": [f"a scene in {l}" for l in LIGHT] + [f"a face in {l}" for l in LIGHT],
    "viewpoints": [f"seen {v}" for v in VIEWS] + [f"a building seen {v}" for v in VIEWS],
    "positions": [f"an object at the {p}" for p in POSITIONS] + [f"empty space at the {p}" for p in POSITIONS],
    "counts": [f"one {t}" for t in ONE] + [f"{n} {t}" for n in NUMBERS[2:9] for t in THINGS] + [f"a group of {n}" for n in NUMBERS[2:]],
    "letters": [f"the letter {c}" for c in "abcdefghijklmnopqrstuvwxyz"] + [f"a word that begins with {c}" for c in "abcdefghijklmnopqrstuvwxyz"],
    "numbers": [f"the number {d}" for d in range(10)] + [f"the digit {d}" for d in range(10)] + [f"the number {n}" for n in NUMBERS],
    "feelings": [f"{an(f)} scene" for f in FEELINGS] + [f"{an(f)} face" for f in FEELINGS],
    "styles": [f"{an(s)}" for s in STYLES] + [f"{an(s)} of a landscape" for s in STYLES],
    "things": [f"a picture of {an(t)}" for t in THINGS_AT_HOME] + [f"an old {t}" for t in THINGS_AT_HOME],
    "people": [f"a portrait of {an(p)}" for p in PEOPLE] + [f"{an(p)} at work" for p in PEOPLE],
    "sizes": [f"a {s} object" for s in W("tiny, small, large, huge, long, short, wide, narrow, tall, flat")] + [f"a picture that is mostly {s}" for s in W("empty, full, dark, bright, sharp, blurred, symmetric, cluttered, uniform, noisy")],
}
lines, seen = [], set()
for theme, sentences in themes.items():
    lines.append(f"# {theme}")
    for s in sentences:
        if s not in seen:
            seen.add(s)
            lines.append(s)
open(sys.argv[1], "w").write("\n".join(lines) + "\n")
print(len(seen), "sentences")
