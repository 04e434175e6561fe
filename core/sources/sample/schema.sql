CREATE TABLE countries ( -- Countries where the shop sells or its suppliers are
  country_id INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  iso_code TEXT NOT NULL, -- Two letters, ISO 3166
  vat_rate DECIMAL(4,2) NOT NULL -- Value added tax in percent
);
CREATE TABLE warehouses ( -- Where goods are kept; each serves the customers of its country
  warehouse_id INTEGER PRIMARY KEY,
  city TEXT NOT NULL,
  country_id INTEGER NOT NULL REFERENCES countries (country_id)
);
CREATE TABLE suppliers ( -- Companies that the shop buys its products from
  supplier_id INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  country_id INTEGER NOT NULL REFERENCES countries (country_id),
  email TEXT,
  lead_time_days INTEGER NOT NULL -- Days from our order to the agreed delivery
);
CREATE TABLE categories ( -- Product categories
  category_id INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  department TEXT NOT NULL -- Larger group that the category belongs to
);
CREATE TABLE products ( -- Everything that the shop sells or sold
  product_id INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  category_id INTEGER NOT NULL REFERENCES categories (category_id),
  supplier_id INTEGER NOT NULL REFERENCES suppliers (supplier_id),
  price DECIMAL(10,2) NOT NULL, -- List price in EUR
  cost DECIMAL(10,2) NOT NULL, -- Purchase price in EUR
  weight_kg DECIMAL(8,3), -- Weight in kg
  color TEXT,
  launched_on DATE NOT NULL, -- First day on sale
  discontinued_on DATE -- First day no longer on sale
);
CREATE TABLE customers ( -- People with an account
  customer_id INTEGER PRIMARY KEY,
  first_name TEXT NOT NULL,
  last_name TEXT NOT NULL,
  email TEXT,
  phone TEXT,
  birth_date DATE,
  city TEXT NOT NULL,
  country_id INTEGER NOT NULL REFERENCES countries (country_id),
  newsletter BOOLEAN NOT NULL, -- Whether they subscribed to the newsletter
  registered_at TIMESTAMP WITH TIME ZONE NOT NULL
);
CREATE TABLE campaigns ( -- Marketing campaigns
  campaign_id INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  medium TEXT NOT NULL, -- Where it ran: newsletter, search ads, social media, television
  budget DECIMAL(10,2) NOT NULL, -- Money spent in EUR
  discount_percent INTEGER NOT NULL,
  starts_on DATE NOT NULL,
  ends_on DATE NOT NULL
);
CREATE TABLE orders ( -- Orders placed by customers
  order_id INTEGER PRIMARY KEY,
  customer_id INTEGER NOT NULL REFERENCES customers (customer_id),
  campaign_id INTEGER REFERENCES campaigns (campaign_id), -- Campaign that led to it, if any
  status TEXT NOT NULL, -- delivered, shipped, processing or cancelled
  device TEXT, -- Where it was placed: desktop, mobile, tablet, phone call
  shipping_fee DECIMAL(10,2) NOT NULL, -- What the customer paid for shipping in EUR
  ordered_at TIMESTAMP WITH TIME ZONE NOT NULL
);
CREATE TABLE order_items ( -- Order lines: the products in an order
  order_item_id INTEGER PRIMARY KEY,
  order_id INTEGER NOT NULL REFERENCES orders (order_id),
  product_id INTEGER NOT NULL REFERENCES products (product_id),
  quantity INTEGER NOT NULL,
  unit_price DECIMAL(10,2) NOT NULL -- Price paid for each piece in EUR, after discount
);
CREATE TABLE payments ( -- Payments for orders
  payment_id INTEGER PRIMARY KEY,
  order_id INTEGER NOT NULL REFERENCES orders (order_id),
  method TEXT NOT NULL, -- card, PayPal, invoice, bank transfer or MB WAY
  status TEXT NOT NULL, -- paid, open, refunded or failed
  amount DECIMAL(10,2) NOT NULL, -- Order lines and shipping in EUR
  paid_at TIMESTAMP WITH TIME ZONE -- NULL while it was not paid
);
CREATE TABLE shipments ( -- Parcels sent to customers
  shipment_id INTEGER PRIMARY KEY,
  order_id INTEGER NOT NULL REFERENCES orders (order_id),
  warehouse_id INTEGER NOT NULL REFERENCES warehouses (warehouse_id),
  carrier TEXT NOT NULL,
  status TEXT NOT NULL, -- delivered, in transit or lost
  shipped_at TIMESTAMP WITH TIME ZONE NOT NULL,
  delivered_at TIMESTAMP WITH TIME ZONE -- NULL while it has not arrived
);
CREATE TABLE returns ( -- Order lines that customers sent back
  return_id INTEGER PRIMARY KEY,
  order_item_id INTEGER NOT NULL REFERENCES order_items (order_item_id),
  quantity INTEGER NOT NULL,
  refund DECIMAL(10,2) NOT NULL, -- Money given back in EUR
  reason TEXT, -- NULL when the customer gave none
  returned_on DATE NOT NULL
);
CREATE TABLE reviews ( -- What customers wrote about products
  review_id INTEGER PRIMARY KEY,
  product_id INTEGER NOT NULL REFERENCES products (product_id),
  customer_id INTEGER NOT NULL REFERENCES customers (customer_id),
  rating INTEGER NOT NULL, -- Stars from 1 to 5
  comment TEXT,
  reviewed_on DATE NOT NULL
);
CREATE TABLE supply_deliveries ( -- Goods that suppliers were to bring to a warehouse
  supply_delivery_id INTEGER PRIMARY KEY,
  supplier_id INTEGER NOT NULL REFERENCES suppliers (supplier_id),
  product_id INTEGER NOT NULL REFERENCES products (product_id),
  warehouse_id INTEGER NOT NULL REFERENCES warehouses (warehouse_id),
  quantity INTEGER NOT NULL,
  status TEXT NOT NULL, -- on time, late, failed or expected
  problem TEXT, -- Why it was late or failed
  due_on DATE NOT NULL,
  arrived_on DATE -- NULL when it never came or is still expected
);
CREATE INDEX warehouses_by_country ON warehouses (country_id);
CREATE INDEX suppliers_by_country ON suppliers (country_id);
CREATE INDEX products_by_category ON products (category_id);
CREATE INDEX products_by_supplier ON products (supplier_id);
CREATE INDEX customers_by_country ON customers (country_id);
CREATE INDEX orders_by_customer ON orders (customer_id);
CREATE INDEX orders_by_campaign ON orders (campaign_id);
CREATE INDEX orders_by_time ON orders (ordered_at);
CREATE INDEX order_items_by_order ON order_items (order_id);
CREATE INDEX order_items_by_product ON order_items (product_id);
CREATE INDEX payments_by_order ON payments (order_id);
CREATE INDEX shipments_by_order ON shipments (order_id);
CREATE INDEX shipments_by_warehouse ON shipments (warehouse_id);
CREATE INDEX returns_by_order_item ON returns (order_item_id);
CREATE INDEX reviews_by_product ON reviews (product_id);
CREATE INDEX reviews_by_customer ON reviews (customer_id);
CREATE INDEX supply_deliveries_by_supplier ON supply_deliveries (supplier_id);
CREATE INDEX supply_deliveries_by_product ON supply_deliveries (product_id);
CREATE INDEX supply_deliveries_by_warehouse ON supply_deliveries (warehouse_id);
