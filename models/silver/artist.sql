with

track as (

    select * from {{ ref('track') }}

),

artist as (

    select
        artist_key,
        min(artist_name) as artist_name
    from track
    where artist_key is not null
    group by artist_key

)

select * from artist
