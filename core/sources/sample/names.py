"""People and places of the three countries where the sample shop sells."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Land:
    """A country with customers: how many of them (*share*), since when, and what they are called."""

    name: str
    share: float
    opened: str
    dial: str
    utc_offset: int
    first_names: tuple[str, ...]
    last_names: tuple[str, ...]
    cities: tuple[str, ...]
    carriers: tuple[str, ...]
    payment_methods: dict[str, float]


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.replace("_", " ") for word in text.split())


GERMANY = Land(
    name="Germany",
    share=0.5,
    opened="2021-02-01",
    dial="+49",
    utc_offset=1,
    first_names=_words(
        "Anna Lena Marie Sophie Katharina Julia Lea Hannah Johanna Clara Ingrid Ursula Birgit Sabine Monika Petra "
        "Heike Franziska Theresa Greta Jonas Lukas Felix Maximilian Paul Leon Finn Moritz Jakob Tobias Stefan Andreas "
        "Thomas Michael Matthias Jürgen Wolfgang Klaus Dieter Sven Björn Mehmet Ayşe Emre Olga"
    ),
    last_names=_words(
        "Müller Schmidt Schneider Fischer Weber Meyer Wagner Becker Schulz Hoffmann Schäfer Koch Bauer Richter Klein "
        "Wolf Schröder Neumann Schwarz Zimmermann Braun Krüger Hofmann Hartmann Lange Werner Krause Lehmann Köhler "
        "Maier König Huber Kaiser Fuchs Peters Lang Scholz Möller Weiß Jung Hahn Vogel Yılmaz Kaya Nowak"
    ),
    cities=_words(
        "Berlin Hamburg München Köln Frankfurt Stuttgart Düsseldorf Leipzig Dortmund Essen Bremen Dresden Hannover "
        "Nürnberg Bochum Freiburg Kiel Rostock Mainz Erfurt Kassel Regensburg Göttingen Passau"
    ),
    carriers=_words("DHL Hermes DPD"),
    payment_methods={"invoice": 0.34, "PayPal": 0.31, "card": 0.2, "bank transfer": 0.15},
)

FRANCE = Land(
    name="France",
    share=0.32,
    opened="2022-04-01",
    dial="+33",
    utc_offset=1,
    first_names=_words(
        "Camille Manon Chloé Léa Inès Louise Jade Élodie Aurélie Céline Nathalie Isabelle Sylvie Véronique Brigitte "
        "Margaux Amélie Zoé Océane Yasmine Lucas Hugo Gabriel Louis Arthur Jules Nathan Antoine Clément Julien Nicolas "
        "Sébastien Olivier Philippe Laurent Pascal Thierry Bernard Mathéo Karim Rachid Baptiste Rémi Étienne"
    ),
    last_names=_words(
        "Martin Bernard Dubois Robert Richard Petit Durand Leroy Moreau Simon Laurent Lefebvre Michel Garcia David "
        "Bertrand Roux Vincent Fournier Morel Girard André Lefèvre Mercier Dupont Lambert Bonnet François Martinez "
        "Legrand Garnier Faure Rousseau Blanc Guérin Muller Henry Roussel Perrin Benali D'Angelo Le_Gall De_La_Tour"
    ),
    cities=_words(
        "Paris Marseille Lyon Toulouse Nice Nantes Montpellier Strasbourg Bordeaux Lille Rennes Reims Saint-Étienne "
        "Le_Havre Toulon Grenoble Dijon Angers Nîmes Brest Limoges Tours"
    ),
    carriers=_words("Colissimo Chronopost DPD"),
    payment_methods={"card": 0.68, "PayPal": 0.26, "bank transfer": 0.06},
)

PORTUGAL = Land(
    name="Portugal",
    share=0.18,
    opened="2024-03-01",
    dial="+351",
    utc_offset=0,
    first_names=_words(
        "Maria Ana Inês Beatriz Mariana Leonor Matilde Carolina Francisca Joana Catarina Sofia Margarida Teresa Rita "
        "Luísa Fátima Conceição Graça Helena João Francisco Santiago Afonso Tomás Duarte Martim Rodrigo Gonçalo Miguel "
        "Pedro Tiago Ricardo Nuno Rui Jorge António Manuel José Luís Vasco Simão"
    ),
    last_names=_words(
        "Silva Santos Ferreira Pereira Oliveira Costa Rodrigues Martins Jesus Sousa Fernandes Gonçalves Gomes Lopes "
        "Marques Alves Almeida Ribeiro Pinto Carvalho Teixeira Moreira Correia Mendes Nunes Soares Vieira Monteiro "
        "Cardoso Rocha Raposo Neves Coelho Cruz Cunha Pires Ramos Reis Simões Antunes Câmara Freitas"
    ),
    cities=_words("Lisboa Porto Braga Coimbra Funchal Setúbal Aveiro Évora Faro Leiria Viseu Guimarães Machico Sintra"),
    carriers=_words("CTT DPD"),
    payment_methods={"MB WAY": 0.46, "card": 0.34, "PayPal": 0.13, "bank transfer": 0.07},
)

LANDS = (GERMANY, FRANCE, PORTUGAL)
